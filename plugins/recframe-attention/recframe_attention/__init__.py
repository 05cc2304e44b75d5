"""Causal self-attention over the history, as an encoder: `recframe encoder=sasrec encoder.blocks=2`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

import recframe

if TYPE_CHECKING:
    import keras


@frozen
class SasrecOptions:
    """The options of `encoder=sasrec`."""

    units: int = recframe.option(64, ge=1, help="Width of the stack, and of all heads together.")
    blocks: int = recframe.option(1, ge=1, le=16, help="Blocks in the stack; the last one costs a phone least.")
    heads: int = recframe.option(2, ge=1, le=64, help="Heads of the attention; they divide units.")
    feed_forward: int = recframe.option(
        4, ge=0, le=16, help="Width of each block's feed-forward layer, as a multiple of units; 0 for none."
    )
    dropout: float = recframe.option(0.2, ge=0, lt=1, help="Share of what a layer adds that is dropped in training.")
    gate: bool = recframe.option(False, help="What a layer adds is weighed by a gate, which the step sets (LiGR).")
    positions: str = recframe.option(
        "relative",
        choices=("relative", "absolute"),
        help="`relative`: each distance between two events adds a learnt number to their score; `absolute`: each place "
        "in the history, from the first event that the model reads, has a learnt vector.",
    )

    def __attrs_post_init__(self) -> None:
        if self.units % self.heads:
            raise recframe.SpecError(
                f"heads: {self.heads} heads cannot share {self.units} units evenly; heads must divide units"
            )


def build(options: SasrecOptions, context: recframe.EncoderContext) -> keras.Layer:
    from recframe_attention.layer import SasrecEncoder

    return SasrecEncoder(options, context.history_length)


sasrec = recframe.EncoderType(
    "sasrec",
    summary="Causal self-attention over the history.",
    options=SasrecOptions,
    build=build,
    causal=True,
)


@recframe.hookimpl
def recframe_encoders() -> Iterable[recframe.EncoderType]:
    yield sasrec
