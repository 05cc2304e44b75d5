"""Dropout by a hash of the position, because a random generator would take most of a training step on a CPU."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def dropout(values: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """Set a share `rate` of the values to 0 and scale the others by 1 / (1 - rate).

    Args:
        values: float32 of any shape.
        seed: uint32 scalar; the same seed drops the same positions.

    Source of the mixing: the 32-bit finalizer of MurmurHash3 (Austin Appleby, public domain).
    """
    if rate == 0:
        return values
    return tf.where(_kept(tf.shape(values), rate, seed), values * np.float32(1 / (1 - rate)), 0.0)


def drop_events(steps: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """Set all values of a share `rate` of the steps, float32 [batch, length, values], to 0.

    The other steps are not scaled, because a history in which an event is missing looks like that in serving, too.
    """
    if rate == 0:
        return steps
    return tf.where(_kept(tf.shape(steps)[:2], rate, seed)[..., None], steps, 0.0)


def _kept(shape: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """bool of a shape, true for a share 1 - rate of the positions."""
    # The seed is mixed before it is combined with the positions, so that consecutive seeds share no pattern.
    place = tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint32) * tf.constant(0x9E3779B1, tf.uint32)
    return tf.reshape(_mix(place ^ _mix(seed)) >= tf.constant(int(rate * 2**32), tf.uint32), shape)


def _mix(bits: tf.Tensor) -> tf.Tensor:
    """A permutation of uint32 in which every input bit affects every output bit."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        bits = (bits ^ tf.bitwise.right_shift(bits, tf.constant(shift, tf.uint32))) * tf.constant(factor, tf.uint32)
    return bits ^ tf.bitwise.right_shift(bits, tf.constant(16, tf.uint32))
