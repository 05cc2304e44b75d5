"""LayerNorm without a scale and an offset: the layers that read it have weights of their own."""

from __future__ import annotations

import tensorflow as tf


def normed(values: tf.Tensor) -> tf.Tensor:
    """`(x - mean) / sqrt(variance)` over the last axis (Ba et al., arXiv 1607.06450); 0 stays 0."""
    centred = values - tf.reduce_mean(values, axis=-1, keepdims=True)
    return centred * tf.math.rsqrt(tf.reduce_mean(centred * centred, axis=-1, keepdims=True) + 1e-6)
