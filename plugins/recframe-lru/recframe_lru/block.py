"""One block of the stack: a gated linear recurrence, then a feed-forward layer, each added to what came in."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from recframe import FeedForward, rms_norm
from recframe_lru.recurrence import at_end, by_doubling, over_time

#: The shortest of the first time scales, in events: half of what a step said is forgotten after 1.4 events.
SHORTEST = 2.0


class LruBlock(keras.layers.Layer):  # type: ignore[misc]
    """`x + out(gate(n) * h)`, then `x + feed_forward(x)`, where n is x by its norm.

    h[t] = a * h[t-1] + sqrt(1 - a^2) * in(n[t]), with a decay a = exp(-1 / scale) of each unit; the logarithm of the
    scale is learnt. The root gives a state the variance of its inputs, whatever its decay.

    Args:
        units: Width of the block.
        feed_forward: Width of the feed-forward layer, as a multiple of `units`; 0 for none.
        dropout: Share of what each part adds that is dropped in training.
        shortcut: Whether x is projected where the rest is added to it, as the width of the first block's x may be
            another. In serving this takes one step, where a projection before the block would take all.
        longest: The longest of the first time scales, in events.

    References:
        Orvieto et al., Resurrecting Recurrent Neural Networks for Long Sequences (LRU), arXiv 2303.06349.
        Yue et al., Linear Recurrent Units for Sequential Recommendation (LRURec), arXiv 2310.02367.
    """

    def __init__(self, units: int, feed_forward: int, dropout: float, longest: int, shortcut: bool, name: str) -> None:
        super().__init__(name=name)
        self.units, self.longest = units, max(float(longest), SHORTEST)
        self.enter = keras.layers.Dense(units, name="in")
        self.gate = keras.layers.Dense(units, activation="silu", name="gate")
        self.leave = keras.layers.Dense(units, name="out")
        self.shortcut = keras.layers.Dense(units, use_bias=False, name="shortcut") if shortcut else None
        self.drop = keras.layers.Dropout(dropout, name="drop")
        self.feed_forward = FeedForward(units, feed_forward, dropout) if feed_forward else None

    def build(self, shape: tuple[int | None, ...]) -> None:
        for layer in (self.enter, self.gate, self.shortcut):
            if layer is not None:
                layer.build(shape)
        for layer in (self.leave, self.feed_forward):
            if layer is not None:
                layer.build((None, self.units))
        self.log_scale = self.add_weight(shape=(self.units,), initializer=self._evenly, name="log_scale")

    def _evenly(self, shape: tuple[int, ...], dtype: object = None) -> tf.Tensor:
        return tf.linspace(math.log(SHORTEST), math.log(self.longest), shape[0])

    def over_time(self, steps: tf.Tensor, real: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
        """float32 [length, batch, width] to [length, batch, units]; `real` and `begins` as in `over_time`."""
        scaled = rms_norm(steps)
        inputs = self._scaled(self.enter(scaled)) * tf.cast(real, steps.dtype)
        return self._finish(steps, scaled, over_time(inputs, tf.exp(-self._rates()), real, begins))

    def at_each_step(self, steps: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, width] to [batch, length, units], for histories without gaps."""
        scaled = rms_norm(steps)
        states = by_doubling(self._scaled(self.enter(scaled)), tf.exp(-self._rates()))
        return self._finish(steps, scaled, states)

    def at_end(self, steps: tf.Tensor, since: tf.Tensor, mask: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, width] to [batch, units]: what the last step becomes.

        Args:
            since: float32 [batch, length]; the number of real steps after each.
            mask: bool [batch, length].
            last: int32 [batch]; where the last real step is.
        """
        scaled = rms_norm(steps)
        state = self._scaled(at_end(self.enter(scaled), self._rates(), since, mask))
        return self._finish(_at(steps, last), _at(scaled, last), state)

    def _rates(self) -> tf.Tensor:
        return tf.exp(-tf.convert_to_tensor(self.log_scale))

    def _scaled(self, values: tf.Tensor) -> tf.Tensor:
        return values * tf.sqrt(-tf.math.expm1(-2.0 * self._rates()))

    def _finish(self, steps: tf.Tensor, scaled: tf.Tensor, states: tf.Tensor) -> tf.Tensor:
        steps = steps if self.shortcut is None else self.shortcut(steps)
        steps += self.drop(self.leave(self.gate(scaled) * states))
        return steps if self.feed_forward is None else self.feed_forward(steps)


def _at(steps: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    return tf.gather(steps, places, axis=1, batch_dims=1)
