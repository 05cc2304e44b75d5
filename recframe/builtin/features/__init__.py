"""Feature types: encode raw values as ids or numbers, and build the layers that embed them."""
