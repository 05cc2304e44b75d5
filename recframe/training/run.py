"""A run: prepare, train, evaluate, export, and keep what happened in a folder."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define, field

from recframe.contributions import DatasetContext, EncoderContext
from recframe.data.interactions import Interactions
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import SequenceExamples, inputs_of
from recframe.data.splits import TEST, TRAIN, VALIDATION
from recframe.data.valid_interactions import require_valid
from recframe.data.vocabularies import Vocabularies, vocabularies_from
from recframe.encoding import text_of
from recframe.errors import RecframeError
from recframe.evaluation.measure import measure_all, ranked_by, require_measurable
from recframe.evaluation.rank_metrics import main_metrics
from recframe.evaluation.ranking import rank_targets
from recframe.folders.runs import renewed, writing
from recframe.manager import load_plugins
from recframe.model.dual_encoder import DualEncoder
from recframe.registry import Registries
from recframe.runtime.files import EXPORT
from recframe.specs import ExperimentSpec
from recframe.training import run_folder
from recframe.training.board import open_board
from recframe.training.building import built
from recframe.training.encoder_probe import probe_encoders
from recframe.training.exportable import require_convertible
from recframe.training.forecast import tell_forecast
from recframe.training.held_out import held_out_histories, held_out_targets
from recframe.training.listener import Listener
from recframe.training.loop import Trainer, uses_positions
from recframe.training.memory_needed import require_memory
from recframe.training.prior import learn_prior
from recframe.training.raw_histories import app_histories
from recframe.training.scoring import KerasScorer
from recframe.training.small_catalogue import fitted
from recframe.training.warm_start import EarlierRun, warm_start


@define
class Run:
    """A trained model with its data and figures.

    Attributes:
        metrics: What metrics.json holds.
        folder: The run folder; None where nothing is written.
        unfinished: How far its training came, where it was stopped; else empty.
        weights_id: By which the run folder tells whether it still has these weights.
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

    def recommend(self, history: Sequence[Any], k: int = 10) -> list[tuple[str, float]]:
        """The k best items and scores for raw item ids, oldest first.

        Items of the history are left out where `exclude_seen` comes to that.
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
        best = np.argsort(-scores, kind="stable")[:k]
        return [(self.data.label_vocabulary[i], float(scores[i])) for i in best if np.isfinite(scores[i])]

    def export(self, folder: Path | str | None = None) -> Path:
        """Write the bundle with the spec's exporters; returns its folder.

        Raises:
            FolderError: where the folder holds something else than a bundle, or another process writes there.
        """
        if folder is None and self.folder is None:
            raise ValueError("give a folder: this run has none")
        if self.folder is None:
            return self.write_bundle(Path(folder or ""))
        with writing(self.folder):
            run_folder.require_same_run(self.folder, self.weights_id)
            return self.write_bundle(Path(folder) if folder is not None else self.folder / EXPORT)

    def write_bundle(self, bundle: Path) -> Path:
        """`export`, where the run folder is held already, or there is none."""
        from recframe.export.bundle import export_bundle

        scorer = KerasScorer(self.model, self.spec.evaluation.batch_size)
        histories = held_out_histories(self.data, self.spec.export.parity_histories)
        held_out = held_out_targets(
            self.data, scorer.by_target(self.data), scorer.batch, self.spec.model.num_predictions
        )
        of_apps, catalogue = app_histories(self.data, self.spec.export.golden_examples), self.data.catalogue()
        self.metrics["exports"] = export_bundle(
            self.spec,
            self.registries,
            catalogue,
            self.model,
            scorer,
            histories,
            bundle,
            held_out,
            self.unfinished,
            of_apps,
        )
        run_folder.write_metrics(self.folder, self.metrics)
        return bundle


def cache_folder() -> Path:
    """Where downloads are kept: XDG_CACHE_HOME/recframe, by default ~/.cache/recframe."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recframe"


def load_data(
    spec: ExperimentSpec, registries: Registries, say: Callable[[str], None], old: Vocabularies | None = None
) -> PreparedData:
    """Read the dataset and prepare it.

    Args:
        old: Ids that are kept; None: those of `dataset.vocabulary_from`, if any.
    """
    old = old or vocabularies_from(spec)  # a wrong folder is told before the data is read
    context = DatasetContext(seed=spec.seed, cache=cache_folder(), say=say)
    name = spec.dataset.type
    interactions = registries.datasets[name].load(spec.dataset.options, context)
    require_valid(interactions, f"dataset {name!r} of {registries.datasets.source(name)}")
    return _prepared(spec, registries, interactions, say, old)


def _prepared(
    spec: ExperimentSpec,
    registries: Registries,
    interactions: Interactions,
    say: Callable[[str], None],
    old: Vocabularies | None = None,
) -> PreparedData:
    require_memory(spec, registries, interactions, say)
    try:
        data = prepare(spec, registries, interactions, old)
    except RecframeError:
        for note in interactions.notes:  # what reading found is often why
            say(note)
        raise
    for note in data.all_notes:
        say(note)
    return data


def train(
    spec: ExperimentSpec,
    folder: Path | str | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
) -> Run:
    """Prepare the data, train, and evaluate; writes the run folder where one is given.

    Args:
        data: Interactions to train on in place of the spec's dataset, as `recframe.datasets.tabular.from_table` makes
            them of a table. `recframe evaluate` and `recframe export` refuse such a folder, which does not hold them.
        exports: Whether `Run.export` will follow: a plugin's encoder that does not convert is then refused at once.

    Raises:
        RecframeError: where the spec, the data or the folder cannot be used. An earlier run in the folder stays whole.
    """
    if folder is None:
        return train_in(None, spec, listener, data, exports)
    with renewed(Path(folder)) as place:
        run = train_in(place, spec, listener, data, exports)
    run.folder = Path(folder)
    return run


def train_in(
    folder: Path | None,
    spec: ExperimentSpec,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
) -> Run:
    """`train`, in a folder that `renewed` has given."""
    listener = listener or Listener()
    registries = load_plugins()
    for name, group in spec.groups.items():
        context = EncoderContext(spec.model.width, spec.model.history_length)
        if warning := registries.encoders[group.encoder.type].warn(group.encoder.options, context):
            listener.say(f"group {name!r}: {warning}")
    # Before the model is built, so that its first weights are the same with and without.
    earlier = EarlierRun.of(spec, registries)
    start = time.perf_counter()
    if data is None:
        prepared = load_data(spec, registries, listener.say)
    else:
        require_valid(data, "data")
        prepared = _prepared(spec, registries, data, listener.say)
    timings = {"prepare_s": time.perf_counter() - start}
    spec = fitted(spec, prepared.num_items, listener.say)
    require_measurable(prepared, spec.evaluation)  # evaluation asks too, but only after training
    run = Run(spec, registries, prepared, built(spec, registries, prepared), folder)
    probe_encoders(run.model, registries)
    if exports:
        require_convertible(spec, registries, prepared, run.model)
    uses_positions(spec, run.model)  # so does the trainer, but only once the folder is written
    if earlier is not None:
        for message in warm_start(earlier, spec, prepared, run.model):
            listener.say(message)
    if folder is not None:
        run_folder.write_config(spec, folder)
        prepared.vocabularies.write(folder)
    timings |= fit(run, listener)
    start = time.perf_counter()
    run.metrics = evaluate(run, listener.say)
    seconds = time.perf_counter() - start
    timings |= {"evaluate_s": seconds, "evaluate_examples_per_s": ranked_by(prepared, spec.evaluation) / seconds}
    run.metrics["timings"] = {**timings, "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    run_folder.write_metrics(run.folder, run.metrics)
    return run


def fit(run: Run, listener: Listener) -> dict[str, float]:
    """Train with early stopping on validation ndcg@10; the model ends with its best weights."""
    spec, data = run.spec, run.data
    cutoffs = (min(10, data.num_items),)
    watched = f"ndcg@{cutoffs[0]}"
    targets = data.targets(VALIDATION)
    trainer = Trainer(spec, run.registries, SequenceExamples(data), run.model)
    tell_forecast(trainer, listener.say)
    board, sha256 = open_board(run.folder if spec.train.tensorboard else None), data.sha256()
    best, best_epoch, best_weights, waited, examples, seconds = -1.0, 0, run.model.get_weights(), 0, 0, 0.0
    for epoch in range(1, spec.train.epochs + 1):
        start = time.perf_counter()
        loss, count = trainer.run_epoch(epoch, listener.progress)
        seconds, examples = seconds + time.perf_counter() - start, examples + count
        scorer = KerasScorer(run.model, spec.evaluation.batch_size).by_target(data)
        ranked = rank_targets(scorer, data, targets, cutoffs, spec.evaluation.batch_size, say=listener.say)
        ranks = ranked[data.exclude_seen].ranks
        figures = {**main_metrics(ranks, cutoffs), "mean_rank": float(ranks.mean())}
        improved = figures[watched] > best
        run.history.append({"epoch": epoch, "loss": loss, watched: figures[watched]})
        board(epoch, {"loss": loss, **figures})
        listener.epoch(epoch, loss, figures, improved)
        if improved:
            best, best_epoch, best_weights, waited = figures[watched], epoch, run.model.get_weights(), 0
            run_folder.save_checkpoint(run.folder, run.model, epoch, sha256)
        else:
            waited += 1
        if waited >= spec.train.patience:
            listener.say(f"stopped after epoch {epoch}: no better validation {watched} in {waited} epochs")
            break
    run.model.set_weights(best_weights)
    learn_prior(run.model, data, spec.evaluation.batch_size, listener.say)
    run.weights_id = run_folder.save_checkpoint(run.folder, run.model, best_epoch, sha256, finished=True)
    return {"train_s": seconds, "train_examples_per_s": examples / seconds if seconds else 0.0}


def evaluate(run: Run, say: Callable[[str], None] = lambda message: None) -> dict[str, Any]:
    """Counts, comparators, and the model on validation and test targets, over the whole catalogue.

    Args:
        say: Told how far it is, where it takes long.
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
