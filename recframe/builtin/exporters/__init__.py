"""What a trained model is written as."""
