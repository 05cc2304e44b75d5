"""What an exporter is given, from a trained model: its serving graph, and what it must answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import numpy as np

from recframe.data.catalogue import Catalogue
from recframe.export.asking import recommender_of
from recframe.export.context import AppHistories, ExportContext, HeldOut
from recframe.export.golden import golden_of
from recframe.export.parity import expected_answers
from recframe.export.private import made_up_histories
from recframe.export.quantize import Products
from recframe.export.same_codes import require_same_codes
from recframe.export.serving import ServingModule
from recframe.model.dual_encoder import DualEncoder
from recframe.registry import Registries
from recframe.specs import ExperimentSpec


def make_context(
    spec: ExperimentSpec,
    registries: Registries,
    catalogue: Catalogue,
    model: DualEncoder,
    scorer: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    histories: Mapping[str, np.ndarray],
    folder: Path,
    held_out: HeldOut | None = None,
    of_apps: AppHistories | None = None,
) -> ExportContext:
    """The context of exporters that write to `folder`.

    Args:
        scorer: The trained model's scores of every label, for up to `evaluation.batch_size` rows.
        histories: Real inputs [histories, length] by feature, on which the exports are compared, and by whose vectors
            tables are rounded. What came after them is not looked at.
        held_out: The test targets, on which the exports are measured; None: not measured.
        of_apps: Histories in raw values; None: they are not compared, and golden.json holds inputs alone.

    Raises:
        ExportError: where an app would read other values of a history than training.
    """
    rows, batch = len(next(iter(histories.values()))), spec.evaluation.batch_size
    parts = [scorer({n: v[at : at + batch] for n, v in histories.items()}) for at in range(0, rows, batch)]
    expected = expected_answers(spec, catalogue, np.concatenate(parts), histories)
    products = Products(len(catalogue.labels), _moments(model, histories, batch))
    module = ServingModule(spec, catalogue, model, products, encoders_of(spec, registries))
    recommender = recommender_of(spec, catalogue, module, _not_asked, None, "the export")
    for compared in of_apps.compared if of_apps else ():
        require_same_codes(spec, registries, recommender, compared)
    count = spec.export.golden_examples
    questions = of_apps.golden if of_apps else ()
    if spec.export.private:
        questions = made_up_histories(spec, catalogue, count)
    context = ExportContext(spec, catalogue, model, module, histories, expected, folder, held_out)
    if not questions:
        return context
    return attrs.evolve(context, golden=golden_of(spec, catalogue, recommender, scorer, questions))


def _not_asked(inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    raise AssertionError("this recommender encodes, and answers nothing")


def encoders_of(spec: ExperimentSpec, registries: Registries) -> str:
    """The groups' encoders and the plugins that they are of, for messages."""
    return ", ".join(
        f"{name}: {group.encoder.type} of {registries.encoders.source(group.encoder.type)}"
        for name, group in spec.groups.items()
    )


def _moments(model: DualEncoder, histories: Mapping[str, np.ndarray], batch: int) -> np.ndarray:
    """float64 [width, width]: the mean of v v' over the vectors v of the histories."""
    rows, total = len(next(iter(histories.values()))), np.zeros((model.spec.model.width,) * 2)
    for at in range(0, rows, batch):
        vectors = np.asarray(model.queries({n: v[at : at + batch] for n, v in histories.items()})[0], np.float64)
        total += vectors.T @ vectors
    return total / rows
