"""The InputSpec and the hyperparameters of a model, under Model Maker's names.

from recframe.recommendation import spec

input_spec = spec.InputSpec(
    activity_feature_groups=[dict(features=[dict(feature_name="context_movie_id", ...)], encoder_type="CNN")],
    label_feature=dict(feature_name="label_movie_id", ...),
)
hparams = spec.ModelHParams([32, 32], [1, 5], [2, 4], 16, 16)
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import attrs

from recframe.errors import SpecError
from recframe.proto import EncoderType, Feature, FeatureGroup, FeatureType, InputConfig as InputSpec
from recframe.spec.option import check, option
from recframe.spec.structure import Problems, collect, make_converter

_CONVERTER = make_converter()


class HParamsError(SpecError, ValueError):
    """Hyperparameters have a wrong type or are out of range; `problems` has a line for each."""


def _plain(value: Any) -> Any:
    """NumPy's integers as Python's."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


def _checked(hparams: Any, changed: attrs.Attribute[Any], value: Any) -> Any:
    return _structured({changed: value})[changed.name]


def _structured(values: dict[attrs.Attribute[Any], Any]) -> dict[str, Any]:
    problems, made = Problems(), {}
    for field, value in values.items():
        with collect(problems, field.name):
            made[field.name] = _CONVERTER.structure(_plain(value), field.type or Any)
            check(field, made[field.name])
    if problems.problems:
        raise HParamsError(problems.problems)
    return made


def _in_order(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Allow values by position, as Model Maker does."""
    return [field.evolve(kw_only=False, converter=_plain) for field in fields]


@attrs.define(order=True, on_setattr=_checked, field_transformer=_in_order)
class ModelHParams:
    """The hyperparameters of a model. Wrong values raise HParamsError, also when they are changed later."""

    hidden_layer_dims: list[int] = option(ge=1, help="Widths of the dense layers before the projection.")
    eval_top_k: list[int] = option(ge=1, help="Cut-offs k of the recall metrics.")
    conv_num_filter_ratios: list[int] | None = option(
        ge=1, help="Filters of each convolution, times the label's embedding_dim; None without a CNN."
    )
    conv_kernel_size: int | None = option(ge=1, help="Steps that a filter sees, and its stride; None without a CNN.")
    lstm_num_units: int | None = option(ge=1, help="Width of the LSTM's state; None without an LSTM.")
    num_predictions: int = option(10, ge=1, help="Items that the exported model returns.")

    def __attrs_pre_init__(self, *values: Any) -> None:
        _structured(dict(zip(attrs.fields(attrs.resolve_types(type(self))), values, strict=True)))

    def encoder_defaults(self) -> dict[str, dict[str, Any]]:
        """Options by encoder. Model Maker's stride is the kernel size, no step fades, and its LSTM stands alone."""
        kernel, fade = self.conv_kernel_size, None if self.conv_kernel_size is None else False
        cnn = dict(filter_ratios=self.conv_num_filter_ratios, kernel_size=kernel, stride=kernel, fade=fade)
        lstm = dict(units=self.lstm_num_units, residual=False)
        return {
            name: {option: value for option, value in options.items() if value is not None}
            for name, options in (("cnn", cnn), ("lstm", lstm))
        }


__all__ = ["EncoderType", "Feature", "FeatureGroup", "FeatureType", "HParamsError", "InputSpec", "ModelHParams"]
