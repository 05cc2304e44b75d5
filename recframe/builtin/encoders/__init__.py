"""Encoders: the steps of a history become one vector. Layers have their own modules, so that listing loads no Keras."""
