"""The model: `dual_encoder` builds it, and `encoder_probe` tests every encoder before training."""
