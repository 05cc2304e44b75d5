"""The layer of the `bow` encoder. It has its own module, so that listing encoders never loads Keras."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class BowEncoder(keras.layers.Layer):  # type: ignore[misc]
    """Masked running mean: `vector[t] = sum of the steps up to t that are not padding / their number`.

    With `decay` the mean is weighted: a step weighs `decay ** number of real steps after it`, with a decay in (0, 1)
    that each feature learns. So the latest steps count most, and padding changes nothing.

    Example:
        >>> steps, mask = tf.constant([[[2.0], [4.0], [9.0]]]), tf.constant([[True, True, False]])
        >>> BowEncoder()(steps, mask=mask)[0, :, 0].numpy().tolist()
        [2.0, 3.0, 3.0]
    """

    supports_masking = True

    def __init__(self, decay: bool = False) -> None:
        super().__init__(name="bow")
        self.decays = decay

    def build(self, shape: tuple[int | None, ...]) -> None:
        if self.decays:
            # Decays from 0.5 to 0.98: some features are about the latest steps, others about the whole history.
            self.logits = self.add_weight(shape=(shape[-1],), initializer=_from_short_to_long, name="decay")

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, features] and bool [batch, length] to float32 [batch, length, features]."""
        if self.decays:
            return self.packed(steps, mask, tf.zeros_like(mask, tf.int32))
        kept = tf.cast(mask, steps.dtype)[..., None]
        return tf.cumsum(steps * kept, axis=1) / tf.maximum(tf.cumsum(kept, axis=1), 1.0)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The mean of the whole history, float32 [batch, features]."""
        weights = tf.cast(mask, steps.dtype)[..., None]
        if self.decays:
            since = tf.reduce_sum(weights, axis=1, keepdims=True) - tf.cumsum(weights, axis=1)
            weights *= tf.exp(-since * self.rates())
        # The latest step weighs 1, so the sum of the weights is 0 or at least 1.
        return tf.reduce_sum(steps * weights, axis=1) / tf.maximum(tf.reduce_sum(weights, axis=1), 1.0)

    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
        """The running mean of each history of a row, float32 [batch, length, features]."""
        kept = tf.cast(mask, steps.dtype)[..., None]
        if not self.decays:
            sums = _running_sums(tf.concat([steps * kept, kept], axis=-1), None, segments)
            return sums[..., :-1] / tf.maximum(sums[..., -1:], 1.0)
        rates = self.rates()
        sums = _running_sums(steps * kept, tf.where(mask[..., None], tf.exp(-rates), 1.0), segments)
        count = _running_sums(kept, None, segments)
        # The sum of a geometric series: 1 + decay + ... for as many steps as there are, and 1 for none.
        return sums / (tf.math.expm1(-tf.maximum(count, 1.0) * rates) / tf.math.expm1(-rates))

    def rates(self) -> tf.Tensor:
        """float32 [features], above 0: minus the logarithm of the decays."""
        return tf.nn.softplus(-self.logits) + 1e-6


def _running_sums(values: tf.Tensor, factors: tf.Tensor | None, segments: tf.Tensor) -> tf.Tensor:
    """s[t] = values[t] + factors[t] * s[t - 1] within each history of a row, float32 [batch, length, features].

    Args:
        factors: float32 [batch, length, features]; None for 1.
    """
    sums, length, shift = values, values.shape[1], 1
    # The shift doubles each time: after i shifts, a position has the sum of the last 2^i positions of its history.
    while shift < length:
        same = (tf.pad(segments, [[0, 0], [shift, 0]], constant_values=-1)[:, :length] == segments)[..., None]
        before = tf.where(same, _shifted(sums, shift), 0.0)
        sums += before if factors is None else factors * before
        if factors is not None:
            factors *= _shifted(factors, shift)
        shift *= 2
    return sums


def _shifted(values: tf.Tensor, shift: int) -> tf.Tensor:
    return tf.pad(values, [[0, 0], [shift, 0], [0, 0]])[:, : values.shape[1]]


def _from_short_to_long(shape: tuple[int, ...], dtype: Any = None) -> tf.Tensor:
    """Logits of decays whose sums reach back over 2 to 50 steps."""
    reach = tf.exp(tf.linspace(tf.math.log(2.0), tf.math.log(50.0), shape[0]))
    decays = 1.0 - 1.0 / reach
    return tf.math.log(decays) - tf.math.log1p(-decays)
