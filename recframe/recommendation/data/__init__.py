"""Examples to train on and to be evaluated on: where they come from, and `DataLoader`, which holds them."""
