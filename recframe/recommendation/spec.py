"""What a model reads, and its hyperparameters, under Model Maker's names.

from recframe.recommendation import spec

input_spec = spec.InputSpec(
    activity_feature_groups=[dict(features=[dict(feature_name="context_movie_id", ...)], encoder_type="CNN")],
    label_feature=dict(feature_name="label_movie_id", ...),
)
hparams = spec.ModelHParams([32, 32], [1, 5], [2, 4], 16, 16)
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from recframe.errors import SpecError
from recframe.proto import EncoderType, Feature, FeatureGroup, FeatureType, InputConfig as InputSpec


class HParamsError(SpecError, ValueError):
    """A hyperparameter is of the wrong type or out of its range; `problems` holds a line for each."""


def _whole(value: Any) -> Any:
    """A NumPy integer as Python's; whatever is no integer stays, for the check to name."""
    try:
        return value if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return value


def _listed(value: Any) -> Any:
    return value if isinstance(value, str | Mapping) or not isinstance(value, Sequence) else [_whole(v) for v in value]


def _problem(field: attrs.Attribute[Any], value: Any) -> str | None:
    many, unused = field.metadata["many"], field.metadata["unused"]
    words = "a list of integers" if many else "an integer"
    if unused is not None and value is None:
        return None
    values = value if many and isinstance(value, list) else [value]
    if many is not isinstance(value, list) or any(type(item) is not int for item in values):
        wrong = f"expected {words}, got {value!r}"
    elif any(item < 1 for item in values):
        wrong = f"{value!r} is not allowed: must be at least 1"
    elif many and unused is not None and not value:
        wrong = "at least one is needed"
    elif field.name == "eval_top_k" and len(set(value)) != len(value):
        wrong = f"each cut-off once, got {value!r}"
    else:
        return None
    return f"{field.name}: {wrong}" + (f" (None where no {unused} encoder is used)" if unused else "")


def _check(instance: Any, field: attrs.Attribute[Any], value: Any) -> Any:
    problem = _problem(field, value)
    if problem is not None:
        raise HParamsError(problem)
    return value


def _hparam(*, many: bool = False, unused: str | None = None, default: Any = attrs.NOTHING) -> Any:
    return attrs.field(
        default=default,
        converter=_listed if many else _whole,
        on_setattr=attrs.setters.pipe(attrs.setters.convert, _check),
        metadata={"many": many, "unused": unused},
    )


@attrs.define(order=True)
class ModelHParams:
    """The hyperparameters of a model, in Model Maker's order; they can be changed, and are compared by value.

    Attributes:
        hidden_layer_dims: Widths of the dense layers before the projection.
        eval_top_k: Cut-offs k of the recall metrics.
        conv_num_filter_ratios: Filters of each convolution as a multiple of the label's embedding_dim (CNN).
        conv_kernel_size: Steps that a filter sees, and from one position to the next (CNN).
        lstm_num_units: Width of the LSTM's state (LSTM).
        num_predictions: Items that the exported model returns.

    Raises:
        HParamsError: With a line for each value of a wrong type or out of its range; it is a ValueError too.
    """

    hidden_layer_dims: list[int] = _hparam(many=True)
    eval_top_k: list[int] = _hparam(many=True)
    conv_num_filter_ratios: list[int] | None = _hparam(many=True, unused="CNN")
    conv_kernel_size: int | None = _hparam(unused="CNN")
    lstm_num_units: int | None = _hparam(unused="LSTM")
    num_predictions: int = _hparam(default=10)

    def __attrs_post_init__(self) -> None:
        checked = (_problem(field, getattr(self, field.name)) for field in attrs.fields(type(self)))
        problems = [problem for problem in checked if problem is not None]
        if problems:
            raise HParamsError(problems)

    def encoder_defaults(self) -> dict[str, dict[str, Any]]:
        """The options that these values give each encoder, by its name.

        Model Maker's stride was its kernel size, and its maximum did not fade.
        """
        kernel = self.conv_kernel_size
        by_encoder: dict[str, dict[str, Any]] = {
            "cnn": {
                "filter_ratios": self.conv_num_filter_ratios,
                "kernel_size": kernel,
                "stride": kernel,
                "fade": None if kernel is None else False,
            },
            "lstm": {"units": self.lstm_num_units},
        }
        return {
            name: {option: value for option, value in options.items() if value is not None}
            for name, options in by_encoder.items()
        }


__all__ = ["EncoderType", "Feature", "FeatureGroup", "FeatureType", "HParamsError", "InputSpec", "ModelHParams"]
