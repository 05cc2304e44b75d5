"""The model: `dual_encoder`, and `encoder_probe`, which asks every encoder whether it keeps its word."""
