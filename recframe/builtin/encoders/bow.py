"""Bag of words: the mean of the steps that are not padding, in which old steps may count less."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import EncoderContext, EncoderType, hookimpl, option

if TYPE_CHECKING:
    import keras


@frozen
class BowOptions:
    """Model Maker's BOW has no hyperparameters: that is without `decay`."""

    decay: bool = option(
        False, help="The mean is weighted, and an old step weighs less, by a factor that each feature learns."
    )


def build(options: BowOptions, context: EncoderContext) -> keras.Layer:
    from recframe.builtin.encoders.bow_layer import BowEncoder

    return BowEncoder(options.decay)


def causal(options: Any) -> bool:
    return True


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    yield EncoderType(
        "bow", summary="Mean of the history's steps, which may decay.", options=BowOptions, build=build, causal=causal
    )
