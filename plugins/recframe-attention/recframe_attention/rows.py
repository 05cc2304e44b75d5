"""Rows of a batch, which hold one history or several, one after another: where each begins, and what is padding."""

from __future__ import annotations

import tensorflow as tf


def begins_of(segments: tf.Tensor) -> tf.Tensor:
    """bool [batch, length]: whether a history begins at a step; `segments` numbers them, neighbours differently."""
    return tf.concat([tf.ones_like(segments[:, :1], tf.bool), segments[:, 1:] != segments[:, :-1]], axis=1)


def places_of(begins: tf.Tensor) -> tf.Tensor:
    """int32 [batch, length]: the place of each step in its own history, from 0."""
    places = tf.range(begins.shape[1])[None]
    return places - _running_max(tf.where(begins, places, 0))


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


def repeated_over_padding(vectors: tf.Tensor, mask: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """Each padded step gets the vector of the last real step of its history; before the first, zeros."""
    places = tf.range(mask.shape[1])[None]
    latest = _running_max(tf.where(mask, places, -1))
    begin = _running_max(tf.where(begins, places, -1))
    repeated = tf.gather(vectors, tf.maximum(latest, 0), axis=1, batch_dims=1)
    return tf.where((latest >= begin)[..., None], repeated, 0.0)


def _running_max(places: tf.Tensor) -> tf.Tensor:
    """int32 [batch, length]: the largest up to each position. After i shifts, it is that of the last 2^i positions."""
    length, shift = places.shape[1], 1
    while shift < length:
        before = tf.pad(places[:, : length - shift], [[0, 0], [shift, 0]], constant_values=-1)
        places, shift = tf.maximum(places, before), 2 * shift
    return places
