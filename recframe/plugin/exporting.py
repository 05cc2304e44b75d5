"""What an exporter receives and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import numpy as np
from attrs import field, frozen

from recframe.plugin.catalogue import Catalogue
from recframe.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    import tensorflow as tf


@frozen(eq=False)
class Answers:
    """Top predictions: ids int32 [histories, k] and scores float32 [histories, k], best first."""

    ids: np.ndarray
    scores: np.ndarray


@frozen(eq=False)
class RawHistory:
    """A user's history as an app knows it.

    Attributes:
        items: Raw ids, oldest first.
        values: Raw values by input, for the inputs whose values the bundle does not contain.
        timestamps: Unix seconds of each event; None if no input is made of them.
        now: Unix seconds of the moment of asking; None if no input is made of it.
    """

    items: Sequence[str]
    values: Mapping[str, Sequence[Any]]
    timestamps: Sequence[int] | None
    now: int | None = None


@frozen(eq=False)
class Golden:
    """Histories and answers that the bundle contains. An exporter may write no other histories.

    Attributes:
        questions: Real histories, or made-up ones if `export.private` is true; empty if only the inputs are known.
        inputs: What the model reads of them: [questions, *shape of the feature] by feature.
        expected: The answers of the trained model.
    """

    questions: Sequence[RawHistory]
    inputs: Mapping[str, np.ndarray]
    expected: Answers


@frozen(eq=False)
class HeldOut:
    """The test targets with the histories before them, and the answers of the trained model.

    Attributes:
        histories: Each call returns a new iterable of all histories.
        targets: int64 [targets] label ids.
        lists: int64 [targets, k] label ids that the trained model recommends, best first; a shorter list ends in 0.
        trained: recall@k and ndcg@k of the trained model.
    """

    histories: Callable[[], Iterable[RawHistory]]
    targets: np.ndarray
    lists: np.ndarray
    trained: Mapping[str, float]

    @property
    def k(self) -> int:
        return int(self.lists.shape[1])


def _golden_of_inputs(context: ExportContext) -> Golden:
    count = context.spec.export.golden_examples
    expected = Answers(context.expected.ids[:count], context.expected.scores[:count])
    return Golden((), {name: rows[:count] for name, rows in context.histories.items()}, expected)


class ServingGraph(Protocol):
    """The serving graph of a trained model, with the signatures that its exports have.

    Attributes:
        features: Shape and dtype of each feature, in the spec's order.
        inputs: Shape and dtype of every input of `serving_default`: the features, then the lists of ids, if the spec
            has any.
        signatures: The names of the signatures, `serving_default` first.
        k: How many items it recommends.
        batch: Histories in a call: the value of export.batch.
        batched: Whether inputs and outputs have a batch dimension.
        mask_bytes: The size in a file of the mask of ids without an item.
        products: What the label table is multiplied with, for quantization; None if it is not known.
        encoders: The encoder of each group with its plugin, for messages.
        held: The weights.
        tables_of: Takes a number of rows, and returns the two-dimensional weights (keras.Variable) with at least that
            many rows.
        for_spec: Returns the graph of the same model for another spec.
        trained_scores: Takes inputs by feature, and returns the trained model's scores, float32 [rows, labels].
    """

    features: dict[str, tf.TensorSpec]
    inputs: dict[str, tf.TensorSpec]
    signatures: tuple[str, ...]
    k: int
    batch: Any
    batched: bool
    mask_bytes: int
    products: Any
    encoders: str
    held: list[Any]
    tables_of: Callable[[int], list[Any]]
    for_spec: Callable[[ExperimentSpec], ServingGraph]
    trained_scores: Callable[[Mapping[str, tf.Tensor]], tf.Tensor]

    def concrete(self, signature: str = "serving_default") -> Any:
        """The traced function of a signature. Its inputs are named as the features are."""

    def concrete_on(self, tables: Mapping[str, Any], signature: str = "serving_default") -> Any:
        """The traced function of a signature. The weights in `tables` are further inputs, named by its keys."""

    def concrete_of_all(self) -> Any:
        """The traced function that returns every output of every signature, for formats without signatures."""


@frozen(eq=False)
class ExportContext:
    """Everything an exporter needs.

    Attributes:
        module: The serving graph of the trained model.
        histories: Real held-out inputs, int32 or float32 [histories, length] by feature.
        expected: The trained model's answers to them, which an export must reproduce.
        golden: The only histories that may be written; by default the first of `histories`, without questions.
        folder: The folder to write to. It becomes the bundle when every check has passed.
        held_out: The test targets on which an export is measured; None if there are none.
        say: Receives the progress if an export takes long.
    """

    spec: ExperimentSpec
    catalogue: Catalogue
    module: ServingGraph
    histories: Mapping[str, np.ndarray]
    expected: Answers
    folder: Path
    held_out: HeldOut | None = None
    golden: Golden = field(default=attrs.Factory(_golden_of_inputs, takes_self=True), kw_only=True)
    say: Callable[[str], None] = field(default=lambda message: None, kw_only=True)


@frozen
class ExportedFile:
    """A model that an exporter wrote and checked.

    Attributes:
        name: `exporter/variant`, the key in metrics.json.
        path: File or folder, relative to `context.folder`, which becomes the bundle.
        figures: What was measured; another measurement gives the same figures. `overlap` and `max_score_difference`
            come from `recframe.export.compare`, and every model has them; recall@k, ndcg@k and their `_drop` come from
            `recframe.export.delivered`. `bytes`, the size, is added where it is missing. Other figures are kept.
        details: Entries for the manifest, beside the figures: op list, quantization.
        timings: Latency. It differs between measurements and is therefore not part of the bundle.
        chosen: Whether an app should take this model, among those of the same exporter.
    """

    name: str
    path: str
    figures: Mapping[str, Any]
    details: Mapping[str, Any] = field(factory=dict)
    timings: Mapping[str, float] = field(factory=dict)
    chosen: bool = True
