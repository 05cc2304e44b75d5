"""One block of the stack: attention, then a feed-forward layer, each added to what came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from recframe_attention.attention import Attention
from recframe_attention.feed_forward import FeedForward
from recframe_attention.norm import normed

if TYPE_CHECKING:
    from recframe_attention import SasrecOptions


class AttentionBlock(keras.layers.Layer):  # type: ignore[misc]
    """`x + g * attention(norm(x))`, then `x + g * feed_forward(norm(x))`; a gate g is 1, or `sigmoid(gate(x))`.

    Args:
        options: The options of the stack.
        longest: Distances that attention tells apart; 0 for none.
        shortcut: Whether x is projected where the rest is added to it, as the width of the first block's x may be
            another. In serving this takes one step, where a projection before the block would take all.

    References:
        Kang and McAuley, Self-Attentive Sequential Recommendation (SASRec), arXiv 1808.09781.
        Borisyuk et al., From Features to Transformers: Redefining Ranking for Scalable Impact (LiGR; the gate),
        arXiv 2502.03417.
    """

    def __init__(self, options: SasrecOptions, longest: int, shortcut: bool, name: str) -> None:
        super().__init__(name=name)
        self.units = units = options.units
        self.attention = Attention(units, options.heads, longest)
        self.shortcut = keras.layers.Dense(units, use_bias=False, name="shortcut") if shortcut else None
        self.gate = keras.layers.Dense(units, activation="sigmoid", name="gate") if options.gate else None
        self.drop = keras.layers.Dropout(options.dropout, name="drop")
        self.feed_forward = (
            FeedForward(units, options.feed_forward, options.dropout, options.gate) if options.feed_forward else None
        )

    def build(self, shape: tuple[int | None, ...]) -> None:
        for layer in (self.attention, self.shortcut, self.gate):
            if layer is not None:
                layer.build(shape)
        if self.feed_forward is not None:
            self.feed_forward.build((None, self.units))

    def at_each_step(self, steps: tf.Tensor, visible: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, width] to [batch, length, units]; `visible` as in `Attention`."""
        return self._finish(steps, self.attention.at_each_step(normed(steps), visible))

    def at_end(self, steps: tf.Tensor, mask: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, width] to [batch, units]: what the last step becomes; `last`, int32 [batch]."""
        scaled = normed(steps)
        return self._finish(_at(steps, last), self.attention.at_end(_at(scaled, last), scaled, mask, last))

    def _finish(self, steps: tf.Tensor, read: tf.Tensor) -> tf.Tensor:
        read = read if self.gate is None else self.gate(steps) * read
        steps = (steps if self.shortcut is None else self.shortcut(steps)) + self.drop(read)
        return steps if self.feed_forward is None else self.feed_forward(steps)


def _at(steps: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    return tf.gather(steps, places, axis=1, batch_dims=1)
