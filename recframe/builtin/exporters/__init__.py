"""The formats in which a trained model is written."""
