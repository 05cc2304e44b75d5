"""A gated recurrent unit over the history, as an encoder for recframe: `recframe encoder=gru encoder.units=64`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

import recframe

if TYPE_CHECKING:
    import keras


@frozen
class GruOptions:
    """The options of `encoder=gru`."""

    units: int = recframe.option(32, ge=1, help="Width of the state.")
    residual: bool = recframe.option(
        False,
        help="The recurrence reads normalised steps, and its state is added to them; false for it alone.",
    )
    feed_forward: int = recframe.option(
        4, ge=0, le=16, help="With residual: width of the feed-forward layer, as a multiple of units; 0 for none."
    )
    dropout: float = recframe.option(
        0.2, ge=0, lt=1, help="With residual: share of what each part adds that is dropped in training."
    )


def build(options: GruOptions, context: recframe.EncoderContext) -> keras.Layer:
    import keras

    gru = keras.layers.GRU(options.units, return_sequences=True, reset_after=True, name="gru")
    if not options.residual:
        return gru
    return recframe.ResidualBlock(gru, options.units, options.feed_forward, options.dropout)


gru = recframe.EncoderType(
    "gru", summary="GRU over the history.", options=GruOptions, build=build, causal=lambda options: True
)


@recframe.hookimpl
def recframe_encoders() -> Iterable[recframe.EncoderType]:
    yield gru
