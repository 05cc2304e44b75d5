"""A long short-term memory over the steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import EncoderContext, EncoderType, hookimpl, option

if TYPE_CHECKING:
    import keras


@frozen
class LstmOptions:
    """Model Maker's `lstm_num_units`."""

    units: int = option(32, ge=1, help="Width of the state.")


def build(options: LstmOptions, context: EncoderContext) -> keras.Layer:
    import keras

    # Keras repeats the last output over masked steps, as a causal encoder must.
    return keras.layers.LSTM(options.units, return_sequences=True, name="lstm")


def causal(options: LstmOptions) -> bool:
    return True


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    yield EncoderType("lstm", summary="LSTM over the history.", options=LstmOptions, build=build, causal=causal)
