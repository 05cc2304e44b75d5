"""A stack of one-dimensional convolutions, then the maximum over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import EncoderContext, EncoderType, SpecError, hookimpl, option

if TYPE_CHECKING:
    import keras


@frozen
class CnnOptions:
    """Model Maker's hyperparameters, and fading; its stride was its kernel size, ours is 1."""

    filter_ratios: tuple[int, ...] = option((4,), ge=1, help="Filters of each layer, as a multiple of model.width.")
    kernel_size: int = option(4, ge=1, help="Steps that a filter sees.")
    stride: int = option(1, ge=1, help="Steps between two positions of a filter; 1 keeps the encoder causal.")
    fade: bool = option(
        True,
        help="With stride 1: the maximum fades with each event, at a rate that every filter learns. Else an old event "
        "weighs as much as the latest.",
    )

    def __attrs_post_init__(self) -> None:
        if not self.filter_ratios:
            raise SpecError("filter_ratios: [] must name at least one layer; encoder=bow has none")


def build(options: CnnOptions, context: EncoderContext) -> keras.Layer:
    from recframe.builtin.encoders.cnn_layer import CnnEncoder

    filters = [ratio * context.width for ratio in options.filter_ratios]
    return CnnEncoder(filters, options.kernel_size, options.stride, options.fade)


def causal(options: CnnOptions) -> bool:
    return options.stride == 1


def warn(options: CnnOptions, context: EncoderContext) -> str | None:
    if options.kernel_size > context.history_length:
        return (
            f"kernel_size {options.kernel_size} is longer than the history of {context.history_length} steps: "
            "the convolution becomes one dense layer over the whole history"
        )
    return None


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    summary = "Convolutions over the history, maximum over time, which may fade."
    yield EncoderType("cnn", summary=summary, options=CnnOptions, build=build, causal=causal, warn=warn)
