"""Where interactions come from: made up, MovieLens, or anyone's tables."""
