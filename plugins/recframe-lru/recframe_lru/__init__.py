"""A stack of linear recurrences with learnt decays, as an encoder: `recframe encoder=lru encoder.blocks=2`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

import recframe

if TYPE_CHECKING:
    import keras


@frozen
class LruOptions:
    """The options of `encoder=lru`."""

    units: int = recframe.option(64, ge=1, help="Width of the stack, and of each state.")
    blocks: int = recframe.option(1, ge=1, le=16, help="Blocks in the stack; the last one costs a phone least.")
    feed_forward: int = recframe.option(
        4, ge=0, le=16, help="Width of each block's feed-forward layer, as a multiple of units; 0 for none."
    )
    dropout: float = recframe.option(0.2, ge=0, lt=1, help="Share of what a layer adds that is dropped in training.")


def build(options: LruOptions, context: recframe.EncoderContext) -> keras.Layer:
    from recframe_lru.layer import LruEncoder

    return LruEncoder(
        units=options.units,
        blocks=options.blocks,
        feed_forward=options.feed_forward,
        dropout=options.dropout,
        longest=context.history_length,
    )


lru = recframe.EncoderType(
    "lru",
    summary="Gated sums of the history, which decay at learnt rates.",
    options=LruOptions,
    build=build,
    causal=True,
)


@recframe.hookimpl
def recframe_encoders() -> Iterable[recframe.EncoderType]:
    yield lru
