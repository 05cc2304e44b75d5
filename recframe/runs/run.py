"""A run: a trained model with its data, which can be evaluated and exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define, field

from recframe.data.prepare import PreparedData
from recframe.data.sequences import inputs_of
from recframe.data.splits import TEST, TRAIN, VALIDATION
from recframe.errors import RecframeError
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.measure import measure_all
from recframe.model.dual_encoder import DualEncoder
from recframe.model.trained_model import TrainedModel
from recframe.plugin.registry import Registries
from recframe.runs import folder as run_folder
from recframe.runs.place import writing
from recframe.runtime.encoding import text_of
from recframe.runtime.files import EXPORT
from recframe.runtime.top_k import top_k
from recframe.spec.experiment import ExperimentSpec
from recframe.training.checkpoints import require_same_run


@define
class Run:
    """A trained model with its data and metrics.

    Attributes:
        folder: The run folder; None if nothing is written.
        unfinished: A note if training was stopped; else empty.
        weights_id: The id of the weights. The run folder has another id if another run has replaced them.
        metrics: The content of metrics.json.
        history: The loss and the validation metric of each epoch.
    """

    spec: ExperimentSpec
    registries: Registries
    data: PreparedData
    model: DualEncoder
    folder: Path | None
    unfinished: str = ""
    weights_id: str = ""
    metrics: dict[str, Any] = field(factory=dict)
    history: list[dict[str, float]] = field(factory=list)

    def __repr__(self) -> str:
        test = self.metrics.get("test", {})
        figures = "".join(f", {name}={test[name]:.4f}" for name in ("recall@10", "ndcg@10") if name in test)
        unfinished = ", unfinished" if self.unfinished else ""
        return f"Run({self.folder or 'no folder'}{figures}{unfinished}, {self.spec!r})"

    def recommend(self, history: Sequence[Any], k: int = 10) -> list[tuple[str, float]]:
        """The k best items with their scores, for a history of raw item ids, oldest first.

        Items of the history are excluded if the run excludes seen items. What only an app knows is unknown here: the
        user, and the moment of asking.
        """
        row = {raw: event for event, raw in enumerate(self.data.label_vocabulary)}
        ids = [row.get(text_of(raw), 0) for raw in history]
        first = {label: event for event, label in reversed(list(enumerate(self.data.labels)))}
        padding, length = self.data.interactions.num_events, self.data.history_length
        events = ([first.get(label, padding) for label in ids][-length:] + [padding] * length)[:length]
        inputs = inputs_of(self.data, np.array([events]))
        scores = KerasScorer(self.model, 1)(inputs)[0].copy()
        scores[~self.data.known] = -np.inf
        if self.data.exclude_seen:
            scores[ids] = -np.inf
        best = top_k(scores, k)
        return [(self.data.label_vocabulary[i], float(scores[i])) for i in best if np.isfinite(scores[i])]

    def export(self, folder: Path | str | None = None) -> Path:
        """Write the bundle with the spec's exporters; returns its folder.

        Args:
            folder: Where to write; None for `export/` in the run folder.

        Raises:
            ValueError: No folder is given, and the run has none.
            FolderError: The folder holds other files than a bundle, or another process writes to it.
        """
        if folder is None and self.folder is None:
            raise ValueError("pass a folder to export to: this run has no folder")
        if self.folder is None:
            return self.write_bundle(Path(folder or ""))
        with writing(self.folder):
            require_same_run(self.folder, self.weights_id)
            return self.write_bundle(Path(folder) if folder is not None else self.folder / EXPORT)

    def write_bundle(
        self,
        bundle: Path,
        failures: list[RecframeError] | None = None,
        say: Callable[[str], None] = lambda message: None,
    ) -> Path:
        """Like `export`, but the caller has locked the run folder, or there is none.

        Args:
            failures, say: As for `recframe.export.bundle.export_bundle`.
        """
        from recframe.export.bundle import export_bundle
        from recframe.export.histories.parity_histories import parity_histories

        trained = self.trained
        compared = parity_histories(trained, self.data)
        self.metrics["exports"] = export_bundle(trained, compared, bundle, self.unfinished, failures, say)
        run_folder.write_metrics(self.folder, self.metrics)
        return bundle

    @property
    def objective(self) -> float:
        """The validation figure that `evaluation.objective` names, by which runs are compared."""
        return float(self.metrics["validation"][self.spec.evaluation.objective])

    @property
    def trained(self) -> TrainedModel:
        """What an export or an evaluation needs."""
        return TrainedModel(self.spec, self.registries, self.data.catalogue(), self.model)


def evaluate(run: Run, say: Callable[[str], None] = lambda message: None) -> dict[str, Any]:
    """Evaluate the model and the baselines on validation and test targets. Returns the content of metrics.json.

    Args:
        say: Receives the progress if it takes long.
    """
    spec, data = run.spec, run.data
    scorer = KerasScorer(run.model, spec.evaluation.batch_size).by_target(data)
    return {
        **({"unfinished": run.unfinished} if run.unfinished else {}),
        "counts": {
            "users": data.interactions.num_users,
            "items": data.num_items,
            "interactions": data.interactions.num_events,
            "train": len(data.targets(TRAIN)),
            "validation": len(data.targets(VALIDATION)),
            "test": len(data.targets(TEST)),
            "parameters": int(run.model.count_params()),
        },
        "order": data.order.summary,
        "split": data.split.summary,
        "exclude_seen": data.seen.summary,
        "notes": list(data.all_notes),
        "prior_strength": [] if run.model.prior_strength is None else np.asarray(run.model.prior_strength).tolist(),
        **measure_all(scorer, data, spec.evaluation, spec.seed, say),
        "training": run.history,
    }
