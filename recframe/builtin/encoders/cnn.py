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
    """Model Maker's hyperparameters, and `fade`. Model Maker's stride was its kernel size; the default here is 1."""

    filter_ratios: tuple[int, ...] = option((4,), ge=1, help="Filters of each layer, as a multiple of model.width.")
    kernel_size: int = option(4, ge=1, help="Number of steps that a filter reads.")
    stride: int = option(1, ge=1, help="Steps between two positions of a filter; only 1 makes the encoder causal.")
    fade: bool = option(
        True,
        help="With stride 1: the maximum of each filter decays with every event, at a rate that the filter learns. "
        "Without it, an old event counts as much as the latest one.",
    )

    def __attrs_post_init__(self) -> None:
        if not self.filter_ratios:
            raise SpecError("filter_ratios: [] has no layer, but at least one is needed; use encoder=bow for none")


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
    summary = "Convolutions over the history, then a maximum over time, which may decay."
    yield EncoderType("cnn", summary=summary, options=CnnOptions, build=build, causal=causal, warn=warn)
