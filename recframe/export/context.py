"""What an exporter receives and returns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import field, frozen

from recframe.data.catalogue import Catalogue
from recframe.export.serving import ServingModule
from recframe.model.dual_encoder import DualEncoder
from recframe.specs import ExperimentSpec


@frozen(eq=False)
class Answers:
    """Top predictions: ids int32 [histories, k] and scores float32 [histories, k], best first."""

    ids: np.ndarray
    scores: np.ndarray


@frozen(eq=False)
class ExportContext:
    """Everything an exporter needs.

    Attributes:
        module: The serving graph of the trained model, batch 1.
        histories: Real held-out inputs, int32 or float32 [histories, length] by feature.
        expected: What the trained model answers to them, in every detail the bundle must reproduce.
        folder: Where to write; it becomes the bundle once every check has passed.
    """

    spec: ExperimentSpec
    catalogue: Catalogue
    model: DualEncoder
    module: ServingModule
    histories: Mapping[str, np.ndarray]
    expected: Answers
    folder: Path


@frozen
class ExportedFile:
    """A model that was written and checked.

    Attributes:
        name: `exporter/variant`, the key in metrics.json.
        path: File or folder, relative to the bundle.
        figures: What was measured: parity, size.
        details: For the manifest: op list, quantization.
    """

    name: str
    path: str
    figures: Mapping[str, Any]
    details: Mapping[str, Any] = field(factory=dict)
