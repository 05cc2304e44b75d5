"""Rows of a batch, which hold one history or several, one after another: where each begins, and what is padding."""

from __future__ import annotations

import tensorflow as tf


def begins_of(segments: tf.Tensor) -> tf.Tensor:
    """bool [batch, length]: whether a history begins at a step; `segments` numbers them, neighbours differently."""
    return tf.concat([tf.ones_like(segments[:, :1], tf.bool), segments[:, 1:] != segments[:, :-1]], axis=1)


def places_of(begins: tf.Tensor) -> tf.Tensor:
    """int32 [batch, length]: the place of each step in its own history, from 0."""
    before = visible(tf.ones_like(begins), begins)
    return tf.reduce_sum(tf.cast(before, tf.int32), axis=2) - 1


def visible(mask: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """bool [batch, length, length]: whether a step (first) reads a step (second): real, of its history, not later."""
    history = tf.cumsum(tf.cast(begins, tf.int32), axis=1)
    same = history[:, :, None] == history[:, None, :]
    return tf.logical_and(same, visible_alone(mask))


def visible_alone(mask: tf.Tensor) -> tf.Tensor:
    """As `visible`, of rows that are one history each. It counts real steps, as what needs no input is stored whole."""
    so_far = tf.cumsum(tf.cast(mask, tf.int32), axis=1)
    own = tf.where(mask, so_far, mask.shape[1] + 1)
    return so_far[:, :, None] >= own[:, None, :]
