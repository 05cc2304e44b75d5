"""Model Maker's API at its own size (batches of 16, width 8, history of 10), and its evaluation beside the core's."""

from __future__ import annotations

import logging
import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import numpy as np

import recframe
from benchmarks.learning import HPARAMS, input_spec, made_up
from benchmarks.plain_keras import comparison, fit_time
from benchmarks.scale import Scale
from benchmarks.steps import FirstSteps, prepared, speed_goal, training_row, with_remark
from benchmarks.tables import Row, Table, table_of
from benchmarks.timing import Timed, of_pairs, timed
from recframe import recommendation
from recframe.data.column_examples import ColumnExamples
from recframe.data.splits import TRAIN
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.ranking import rank_targets
from recframe.model.dual_encoder import build_model
from recframe.recommendation.loader import Loader
from recframe.training.loop import Trainer

INTRO = (
    "`recommendation.create` and `evaluate` on made-up data of MovieLens-1M's shape, batches of 16, one movie id a "
    "step. A unit of training is an example of an epoch more, with all that the API does for an epoch: it measures "
    "1,000 examples and writes the weights. Keras's `fit` trains the same layers with the same batches."
)
BATCH = 16
#: Examples a second that were asked for.
ASKED = {"BOW": 80_000, "LSTM": 30_000}
#: Epochs more than one, whose time counts.
MORE = 2


def rows(scale: Scale) -> Iterator[Row]:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = made_up(Path(name), scale.of(1500, 12))
        loader = recommendation.DataLoader
        meta = loader.generate_movielens_dataset(folder, name)
        size = loader.get_num_classes(meta)
        train, test = (
            loader.from_movielens(folder, tag, input_spec("BOW", size), generated_examples_dir=name)
            for tag in ("train", "test")
        )
    steps = scale.of(3000, 8)
    for encoder in ("BOW", "LSTM"):
        yield from _training(encoder, size, train, steps, scale)
    yield from _evaluation(size, train, test, scale)


def _training(encoder: str, size: int, train: Loader, steps: int, scale: Scale) -> Iterator[Row]:
    spec = recommendation.ModelSpec(input_spec(encoder, size), HPARAMS)
    time = _epoch_more(spec, train, steps, scale.repeats).times(1 / (steps * BATCH))
    task = recommendation.create(train, spec, steps_per_epoch=1, batch_size=BATCH)
    assert task.model is not None
    examples = FirstSteps(ColumnExamples(train.columns, train.labels, size, shuffle=True), steps)
    core = training_row("", Trainer(task.experiment, task.registries, examples, task.model), scale.repeats)
    around = {"the API's epoch": max(0.0, time.cpu.median - core.time.cpu.median)}
    row = attrs.evolve(core, work=f"create, {encoder}", unit="example", time=time, parts={**core.parts, **around})
    yield speed_goal(row, ASKED[encoder])
    rows = np.random.default_rng(0).permutation(len(train.labels))[: scale.of(500, 8) * BATCH]
    inputs = next(iter(train.columns.values()))[rows]
    fitted = fit_time(task.experiment, size, inputs, train.labels[rows], scale.repeats)
    yield comparison(row, fitted, f"Keras `fit`, {encoder.lower()}")


def _epoch_more(spec: recommendation.ModelSpec, train: Loader, steps: int, repeats: int) -> Timed:
    """What an epoch takes through the API, beyond the first, which compiles."""

    def trained(epochs: int) -> Timed:
        def work() -> None:
            recommendation.create(train, spec, batch_size=BATCH, steps_per_epoch=steps, epochs=epochs)

        return timed(work, repeats=1, warm=False)

    pairs = []
    for _ in range(repeats):
        one, several = trained(1), trained(1 + MORE)
        pairs.append(
            (
                max((several.cpu.median - one.cpu.median) / MORE, 1e-9),
                max((several.wall.median - one.wall.median) / MORE, 1e-9),
            )
        )
    return of_pairs(pairs)


def _evaluation(size: int, train: Loader, test: Loader, scale: Scale) -> Iterator[Row]:
    """Ranks through the API, and by the core with the same encoder and as many items and histories."""
    task = recommendation.create(
        train, recommendation.ModelSpec(input_spec("BOW", size), HPARAMS), steps_per_epoch=1, batch_size=BATCH
    )
    examples = test.take(np.arange(min(len(test), scale.of(30_000, 50))))
    time = timed(lambda: task.evaluate(examples, batch_size=512), scale.repeats, len(examples))
    shape = [f"dataset.items={size - 1}", "dataset.events_per_user=165", f"dataset.users={scale.of(300, 10)}"]
    spec, data = prepared([*shape, "encoder=bow", "model.width=8", "model.history_length=10"])
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    batch, targets = spec.evaluation.batch_size, data.targets(TRAIN)[: len(examples)]
    scorer = KerasScorer(model, batch).by_target(data)
    core = timed(lambda: rank_targets(scorer, data, targets, (10,), batch), scale.repeats, len(targets))
    yield Row("core: ranks with and without seen items", "history", core)
    factor = statistics.median(time.cpu.values) / core.cpu.median
    speed = (os.cpu_count() or 1) / time.cpu.median
    yield with_remark(
        Row("evaluate: loss, recalls, ranks among all and among the batch", "example", time),
        f"goal the core's CPU: {factor:.2f} times that of the row above, {speed:,.0f}/s by CPU",
    )


def table(scale: Scale) -> Table:
    return table_of("Model Maker's API", INTRO, list(rows(scale)))
