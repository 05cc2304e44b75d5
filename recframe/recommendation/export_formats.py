"""Names of Model Maker's `config` module: what a model is exported as, and with which numbers."""

from __future__ import annotations

import enum
from typing import Any

from attrs import frozen

from recframe.errors import SpecError


@enum.unique
class ExportFormat(enum.Enum):
    """What `model.export` writes."""

    TFLITE = "TFLITE"
    SAVED_MODEL = "SAVED_MODEL"
    LABEL = "LABEL"
    VOCAB = "VOCAB"
    TFJS = "TFJS"


@frozen
class QuantizationConfig:
    """Which numbers a .tflite file holds; made by its class methods.

    Attributes:
        variant: float16 or int8 weights, as `export.variants` calls them.
    """

    variant: str

    @classmethod
    def for_dynamic(cls) -> QuantizationConfig:
        """Weights int8, computed in float: a quarter of the size for large tables."""
        return cls("int8")

    @classmethod
    def for_float16(cls) -> QuantizationConfig:
        """Weights float16: half of the size."""
        return cls("float16")

    @classmethod
    def for_int8(cls, *args: Any, **kwargs: Any) -> QuantizationConfig:
        """Refused: full integers need calibrated activations, and top-k over integer scores has ties without end.

        Raises:
            SpecError: Always.
        """
        raise SpecError(
            "QuantizationConfig.for_int8: a recommender's scores, rounded to 256 values, are equal for most items, so "
            "that its ranking is lost; use for_dynamic(), which has int8 weights too and computes scores in float"
        )
