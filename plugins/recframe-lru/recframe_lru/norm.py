"""The root mean square norm, without a scale: the layers that read it have weights of their own."""

from __future__ import annotations

import tensorflow as tf


def normed(values: tf.Tensor) -> tf.Tensor:
    """`x / sqrt(mean(x^2))` over the last axis (Zhang and Sennrich, arXiv 1910.07467); 0 stays 0."""
    return values * tf.math.rsqrt(tf.reduce_mean(values * values, axis=-1, keepdims=True) + 1e-6)
