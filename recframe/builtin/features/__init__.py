"""From raw values to what the model reads, and from that to vectors."""
