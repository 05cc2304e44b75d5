"""What an exporter receives and returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
class Quality:
    """How well scores find the test targets.

    Attributes:
        measure: From scores, float32 [rows, labels] for inputs of any number of rows, to recall@K and ndcg@K.
        trained: The same figures of the trained model.
        targets: How many targets there are.
    """

    measure: Callable[[Callable[[Mapping[str, np.ndarray]], np.ndarray]], Mapping[str, float]]
    trained: Mapping[str, float]
    targets: int


@frozen(eq=False)
class ExportContext:
    """Everything an exporter needs.

    Attributes:
        module: The serving graph of the trained model.
        histories: Real held-out inputs, int32 or float32 [histories, length] by feature.
        expected: What the trained model answers to them, in every detail the bundle must reproduce.
        folder: Where to write; it becomes the bundle once every check has passed.
        quality: How a variant's loss is measured; None where there are no test targets.
    """

    spec: ExperimentSpec
    catalogue: Catalogue
    model: DualEncoder
    module: ServingModule
    histories: Mapping[str, np.ndarray]
    expected: Answers
    folder: Path
    quality: Quality | None = None


@frozen
class ExportedFile:
    """A model that was written and checked.

    Attributes:
        name: `exporter/variant`, the key in metrics.json.
        path: File or folder, relative to the bundle.
        figures: What was measured: parity, size, quality. The same whenever it is measured again.
        details: For the manifest: op list, quantization.
        timings: What differs from one export to the next, and so is no part of the bundle: latency.
        chosen: Whether this is the model that an app should take, of its exporter's.
    """

    name: str
    path: str
    figures: Mapping[str, Any]
    details: Mapping[str, Any] = field(factory=dict)
    timings: Mapping[str, float] = field(factory=dict)
    chosen: bool = True
