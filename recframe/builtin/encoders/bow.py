"""Bag of words: the mean of the steps that are not padding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import EncoderContext, EncoderType, hookimpl

if TYPE_CHECKING:
    import keras


@frozen
class BowOptions:
    """BOW has no hyperparameters, as in Model Maker."""


def build(options: BowOptions, context: EncoderContext) -> keras.Layer:
    from recframe.builtin.encoders.bow_layer import BowEncoder

    return BowEncoder()


def causal(options: Any) -> bool:
    return True


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    yield EncoderType("bow", summary="Mean of the history's steps.", options=BowOptions, build=build, causal=causal)
