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
    """What an app knows of a user.

    Attributes:
        items: Raw ids, oldest first.
        values: Raw values by input, of those inputs that the bundle knows no values for.
        timestamps: Unix seconds of each event; None where the data has no times.
    """

    items: Sequence[str]
    values: Mapping[str, Sequence[Any]]
    timestamps: Sequence[int] | None


@frozen(eq=False)
class Golden:
    """Questions and answers that the bundle keeps: the only histories that an exporter may show.

    Attributes:
        questions: Real histories, or made-up ones where `export.private` is true; empty where only inputs are known.
        inputs: What the model reads of them, [questions, *shape of the feature] by feature.
        expected: What the trained model answers.
    """

    questions: Sequence[RawHistory]
    inputs: Mapping[str, np.ndarray]
    expected: Answers


@frozen(eq=False)
class HeldOut:
    """The test targets with the histories before them, and what the trained model answers.

    Attributes:
        histories: Gives the histories anew each time.
        targets: int64 [targets] label ids.
        lists: int64 [targets, k] label ids that the trained model recommends, best first; 0 where there are fewer.
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
        inputs: Of everything that `serving_default` takes: the features, then lists of ids where the spec asks.
        signatures: Their names, `serving_default` first.
        k: How many items it recommends.
        batch: Histories in a call, as export.batch says.
        batched: Whether inputs and outputs have a batch dimension.
        mask_bytes: What the mask of absent ids takes in a file.
        products: What the table of labels is multiplied with, for quantization; None: not known.
        encoders: The encoder of each group with its plugin, for messages.
        held: The weights.
        tables_of: Gives the weights, keras.Variable, of two dimensions with at least so many rows.
        for_spec: Gives the graph of the same model as another spec has it.
        trained_scores: The trained model's scores of inputs by feature, float32 [rows, labels].
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
        """The traced function of a signature, inputs named as the features are."""

    def concrete_on(self, tables: Mapping[str, Any], signature: str = "serving_default") -> Any:
        """The traced function of a signature with some of the weights as further inputs, by their names here."""

    def concrete_of_all(self) -> Any:
        """The traced function of every output of every signature, for formats that know no signatures."""


@frozen(eq=False)
class ExportContext:
    """Everything an exporter needs.

    Attributes:
        module: The serving graph of the trained model.
        histories: Real held-out inputs, int32 or float32 [histories, length] by feature.
        expected: What the trained model answers to them, in every detail the bundle must reproduce.
        golden: What may be written of histories; by default the first inputs that are compared, without questions.
        folder: Where to write; it becomes the bundle once every check has passed.
        held_out: What an export must deliver on the test targets; None where there are none.
    """

    spec: ExperimentSpec
    catalogue: Catalogue
    module: ServingGraph
    histories: Mapping[str, np.ndarray]
    expected: Answers
    folder: Path
    held_out: HeldOut | None = None
    golden: Golden = field(default=attrs.Factory(_golden_of_inputs, takes_self=True), kw_only=True)


@frozen
class ExportedFile:
    """A model that was written and checked.

    Attributes:
        name: `exporter/variant`, the key in metrics.json.
        path: File or folder, relative to `context.folder`, which becomes the bundle.
        figures: What was measured, the same whenever it is measured again. `overlap` and `max_score_difference` are
            those of `recframe.export.compare`, and every model has them; recall@k, ndcg@k and their `_drop` are those
            of `recframe.export.delivered`. `bytes`, the size, is added where it is left out. Further figures are kept.
        details: For the manifest, beside the figures: op list, quantization.
        timings: What differs from one export to the next, and is therefore not part of the bundle: latency.
        chosen: Whether this is the model that an app should take, of its exporter's.
    """

    name: str
    path: str
    figures: Mapping[str, Any]
    details: Mapping[str, Any] = field(factory=dict)
    timings: Mapping[str, float] = field(factory=dict)
    chosen: bool = True
