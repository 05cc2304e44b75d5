"""The names of Model Maker's `config` module."""

from __future__ import annotations

import enum
from typing import Any

from attrs import frozen

from recframe.errors import SpecError


class ExportFormat(enum.Enum):
    """What `model.export` writes."""

    TFLITE = "TFLITE"
    SAVED_MODEL = "SAVED_MODEL"
    LABEL = "LABEL"
    VOCAB = "VOCAB"
    TFJS = "TFJS"


@frozen
class QuantizationConfig:
    """The numbers of a .tflite file; `variant` is one of `export.variants`."""

    variant: str

    @classmethod
    def for_dynamic(cls) -> QuantizationConfig:
        """int8 weights, computed in float: a quarter of the size for large tables."""
        return cls("int8")

    @classmethod
    def for_float16(cls) -> QuantizationConfig:
        """float16 weights: half of the size."""
        return cls("float16")

    @classmethod
    def for_int8(cls, *args: Any, **kwargs: Any) -> QuantizationConfig:
        """Always raises SpecError: rounded scores have too many ties for a ranking."""
        raise SpecError(
            "QuantizationConfig.for_int8: a recommender's scores, rounded to 256 values, are equal for most items, so "
            "that its ranking is lost; use for_dynamic(), which has int8 weights too and computes scores in float"
        )
