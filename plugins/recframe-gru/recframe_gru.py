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


def build(options: GruOptions, context: recframe.EncoderContext) -> keras.Layer:
    import keras

    return keras.layers.GRU(options.units, return_sequences=True, reset_after=True, name="gru")


gru = recframe.EncoderType(
    "gru", summary="GRU over the history.", options=GruOptions, build=build, causal=lambda options: True
)


@recframe.hookimpl
def recframe_encoders() -> Iterable[recframe.EncoderType]:
    yield gru
