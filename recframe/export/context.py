"""The context that exporters read: the serving graph of a trained model, and the answers it must give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
import numpy as np

from recframe.evaluation.keras_scorer import KerasScorer
from recframe.export.checks.asking import encoded, recommender_of
from recframe.export.checks.parity import trained_answers
from recframe.export.checks.same_codes import require_same_codes
from recframe.export.graph.label_products import LabelProducts
from recframe.export.graph.serving import ServingModule
from recframe.export.histories.made_up_histories import made_up_histories
from recframe.export.histories.parity_histories import ParityHistories
from recframe.model.dual_encoder import DualEncoder
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import ExportContext, Golden


def make_context(
    trained: TrainedModel,
    compared: ParityHistories,
    folder: Path,
    say: Callable[[str], None] = lambda message: None,
) -> ExportContext:
    """The context of exporters that write to `folder`.

    Args:
        say: Receives the progress if an export takes long.

    Raises:
        ExportError: if an app would make other inputs of a history than training did.
    """
    spec, catalogue, histories = trained.spec, trained.catalogue, compared.inputs
    batch = spec.evaluation.batch_size
    scorer = KerasScorer(trained.model, batch)
    expected = trained_answers(spec, catalogue, scorer, histories)
    products = LabelProducts(len(catalogue.labels), _moments(trained.model, histories, batch))
    module = ServingModule(spec, catalogue, trained.model, products, trained.encoders)
    recommender = recommender_of(spec, catalogue, module, _not_asked, None, "the export")
    for of_app in compared.of_apps.compared if compared.of_apps else ():
        require_same_codes(trained, recommender, of_app)
    questions = compared.of_apps.golden if compared.of_apps else ()
    if spec.export.private:
        questions = made_up_histories(spec, catalogue, spec.export.golden_examples)
    context = ExportContext(spec, catalogue, module, histories, expected, folder, compared.held_out, say=say)
    if not questions:
        return context
    inputs = encoded(recommender, questions)  # as an app encodes them
    golden = Golden(questions, inputs, trained_answers(spec, catalogue, scorer, inputs))
    return attrs.evolve(context, golden=golden)


def _not_asked(inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    raise AssertionError("this recommender only encodes; it cannot answer")


def batches(inputs: Mapping[str, np.ndarray], size: int) -> Iterator[dict[str, np.ndarray]]:
    """The rows of all inputs, `size` at a time."""
    rows = len(next(iter(inputs.values())))
    for at in range(0, rows, size):
        yield {name: values[at : at + size] for name, values in inputs.items()}


def _moments(model: DualEncoder, histories: Mapping[str, np.ndarray], batch: int) -> np.ndarray:
    """float64 [width, width]: the mean of v v' over the vectors v of the histories."""
    rows, total = len(next(iter(histories.values()))), np.zeros((model.spec.model.width,) * 2)
    for part in batches(histories, batch):
        vectors = np.asarray(model.queries(part)[0], np.float64)
        total += vectors.T @ vectors
    return total / rows
