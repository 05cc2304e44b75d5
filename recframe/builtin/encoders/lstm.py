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
    """Model Maker's `lstm_num_units`; its LSTM is the one with `residual=false`."""

    units: int = option(32, ge=1, help="Width of the state.")
    residual: bool = option(
        False,
        help="The recurrence reads normalised steps, and its state is added to them; false for it alone.",
    )
    feed_forward: int = option(
        4, ge=0, le=16, help="With residual: width of the feed-forward layer, as a multiple of units; 0 for none."
    )
    dropout: float = option(
        0.2, ge=0, lt=1, help="With residual: share of what each part adds that is dropped in training."
    )


def build(options: LstmOptions, context: EncoderContext) -> keras.Layer:
    import keras

    from recframe import ResidualBlock

    # Keras repeats the last output over masked steps, as a causal encoder must.
    lstm = keras.layers.LSTM(options.units, return_sequences=True, name="lstm")
    if not options.residual:
        return lstm
    return ResidualBlock(lstm, options.units, options.feed_forward, options.dropout)


def causal(options: LstmOptions) -> bool:
    return True


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    yield EncoderType("lstm", summary="LSTM over the history.", options=LstmOptions, build=build, causal=causal)
