"""The model: `dual_encoder`, and `encoder_probe`, which tests every encoder before training."""
