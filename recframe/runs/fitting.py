"""Training with early stopping on the validation targets. It saves its state, so that a stopped run can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from recframe.data.splits import VALIDATION
from recframe.data.training_examples import SequenceExamples
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.rank_metrics import gains, main_metrics
from recframe.evaluation.ranking import rank_targets
from recframe.files.whole import remove
from recframe.runs.forecast import tell_forecast
from recframe.runs.listener import Listener
from recframe.runs.run import Run
from recframe.training.averages import averaged
from recframe.training.checkpoints import load_checkpoint, save_checkpoint, weights_id
from recframe.training.distillation import Teacher
from recframe.training.fit import BestWeights, Epoch, epochs
from recframe.training.loop import Trainer
from recframe.training.popularity_prior import learn_prior
from recframe.training.progress import Progress
from recframe.training.tensorboard import TENSORBOARD, open_board
from recframe.training.training_state import StateKeeper, TrainingState, arrays_of, restore, write_state


def fit(
    run: Run, identity: Mapping[str, Any], state: TrainingState, listener: Listener, teacher: Teacher | None = None
) -> dict[str, float]:
    """Train, starting from a state. The model ends with its best weights. Returns timings.

    Args:
        identity: What must be equal for another command to resume this run.
        state: The training state. If training has begun, the run folder holds its arrays.
    """
    if not state.trained:
        state = _Fitting.begin(run, identity, state, listener, teacher).train()
    elif run.folder is not None:
        listener.say(f"resumes after training, which took {state.epochs} epochs")
        load_checkpoint(run.folder, run.model)
        run.weights_id = weights_id(run.folder)
    shown = f"ndcg@{_cutoffs(run)[0]}"
    run.history = [{name: curve[name] for name in ("epoch", "loss", shown)} for curve in state.curves]
    seconds = state.seconds
    return {"train_s": seconds, "train_examples_per_s": state.targets / seconds if seconds else 0.0}


@define
class _Fitting:
    """Training in progress, with everything that a `TrainingState` consists of."""

    run: Run
    identity: Mapping[str, Any]
    listener: Listener
    trainer: Trainer
    best: BestWeights
    curves: list[Mapping[str, float]]
    targets: int
    seconds: float
    last: Progress | None
    keeper: StateKeeper = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.keeper = StateKeeper(self.run.folder)

    @classmethod
    def begin(
        cls,
        run: Run,
        identity: Mapping[str, Any],
        state: TrainingState,
        listener: Listener,
        teacher: Teacher | None = None,
    ) -> _Fitting:
        """Restore the model and the optimizer from the state."""
        trainer = Trainer(run.spec, run.registries, SequenceExamples(run.data), run.model, teacher)
        tell_forecast(trainer, listener.say)
        best = BestWeights(run.model.get_weights(), state.best_epoch, state.best_figure, state.waited)
        if state.begun and run.folder is not None:
            restore(run.folder, "model", run.model.variables)
            restore(run.folder, "optimizer", trainer.optimizer.variables)
            # If the last epoch is the best one, the state has no separate best weights.
            best.weights = arrays_of(run.folder, "best") or run.model.get_weights()
            at = f"epoch {state.epochs}, step {state.last.step:,} of {state.last.steps:,}" if state.last else ""
            listener.say(f"resumes from {at or f'the end of epoch {state.epochs}'}")
        curves = list(state.curves)
        return cls(run, identity, listener, trainer, best, curves, state.targets, state.seconds, state.last)

    def train(self) -> TrainingState:
        """Train to the end, and save the best weights."""
        run, spec = self.run, self.run.spec
        folder = run.folder / TENSORBOARD if run.folder and spec.train.tensorboard else None
        if folder is not None:
            remove(folder)  # all curves are written again below, so that no epoch appears twice
        board = open_board(folder)
        for curve in self.curves:
            board(int(curve["epoch"]), _figures(curve))
        left = spec.train.epochs if self.best.waited < spec.train.patience else 0
        for epoch in epochs(self.trainer, left, self._progress, len(self.curves), self.last):
            self._measure(epoch)
            board(epoch.number, _figures(self.curves[-1]))
            if self.best.waited >= spec.train.patience:
                monitored, waited = _monitored(run), self.best.waited
                self.listener.say(
                    f"stopped after epoch {epoch.number}: validation {monitored} has not improved for {waited} epochs"
                )
                break
            if self.keeper.due:
                self._save_state()
        run.model.set_weights(self.best.weights)
        learn_prior(run.model, run.data, spec.evaluation.batch_size, self.listener.say)
        run.weights_id = self._save_checkpoint(self.best.epoch, finished=True)
        state = self._state(trained=True)
        if run.folder is not None:
            write_state(run.folder, state)
        return state

    def _progress(self, progress: Progress) -> None:
        """Is called after each compiled call."""
        self.listener.progress(progress)
        self.last = progress
        if self.keeper.due and progress.step < progress.steps:
            self._save_state()

    def _measure(self, epoch: Epoch) -> None:
        """Validate after an epoch, and save a checkpoint if it is the best."""
        run = self.run
        self.last, self.seconds, self.targets = None, self.seconds + epoch.seconds, self.targets + epoch.targets
        with averaged(self.trainer.optimizer, run.model.trainable_variables):
            figures = _validation(run, self.listener.say)
            improved = self.best.offer(epoch.number, figures[_monitored(run)], run.model.get_weights)
            if improved:
                self._save_checkpoint(epoch.number)
        self.curves.append({"epoch": epoch.number, "loss": epoch.loss, **figures})
        self.listener.epoch(epoch.number, epoch.loss, figures, improved)

    def _save_checkpoint(self, epoch: int, finished: bool = False) -> str:
        data, origin = self.identity["data"]["events_sha256"], Path(self.identity["started_in"])
        return save_checkpoint(self.run.folder, self.run.model, epoch, data, finished, origin)

    def _save_state(self) -> None:
        model, optimizer = self.run.model, self.trainer.optimizer
        is_best = self.last is None and self.best.epoch == len(self.curves) and not optimizer.use_ema
        arrays = {"model": model.variables, "optimizer": optimizer.variables}
        self.keeper.write(self._state(), arrays if is_best else {**arrays, "best": self.best.weights})

    def _state(self, trained: bool = False) -> TrainingState:
        best = self.best
        return TrainingState(
            self.identity,
            tuple(self.curves),
            last=self.last,
            best_epoch=best.epoch,
            best_figure=best.figure,
            waited=best.waited,
            targets=self.targets,
            seconds=self.seconds,
            trained=trained,
        )


def _cutoffs(run: Run) -> tuple[int]:
    return (min(10, run.data.num_items),)


def _monitored(run: Run) -> str:
    """The name of the validation figure that decides which epoch is best; a small catalogue has no ndcg@10."""
    return "ndcg" if run.spec.train.monitor == "ndcg" else f"ndcg@{_cutoffs(run)[0]}"


def _figures(curve: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in curve.items() if name != "epoch"}


def _validation(run: Run, say: Callable[[str], None]) -> dict[str, float]:
    """The validation metrics of an epoch."""
    data, batch, cutoffs = run.data, run.spec.evaluation.batch_size, _cutoffs(run)
    scorer = KerasScorer(run.model, batch).by_target(data)
    ranked = rank_targets(scorer, data, data.targets(VALIDATION), cutoffs, batch, say=say)
    ranks = ranked[data.exclude_seen].ranks
    figures = {**main_metrics(ranks, cutoffs), "mean_rank": float(ranks.mean())}
    if _monitored(run) == "ndcg":
        figures["ndcg"] = float(gains(ranks, data.num_items)["ndcg"].mean())
    return figures
