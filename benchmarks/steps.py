"""A training step: what it must do, and what its time is spent on."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence

import attrs
import numpy as np
import tensorflow as tf
from attrs import frozen

import recframe
from benchmarks.machine import Product, Work
from benchmarks.tables import Row, goal
from benchmarks.timing import Timed, timed
from recframe.data.prepare import PreparedData
from recframe.data.sequences import Batch, Examples, Layout
from recframe.data.training_examples import SequenceExamples
from recframe.model.dual_encoder import build_model
from recframe.runs.data import load_data
from recframe.spec.experiment import ExperimentSpec
from recframe.training.loop import Trainer

#: Rows of a product whose result stays in the cache, as in recframe's softmax.
BLOCK = 128
#: Bytes of a float32.
FLOAT = 4


@frozen(eq=False)
class FirstSteps:
    """The first steps of an epoch of other examples."""

    examples: Examples
    limit: int

    @property
    def label_counts(self) -> np.ndarray:
        return self.examples.label_counts

    def batches(self, size: int, layout: Layout, rng: np.random.Generator) -> Iterator[Batch]:
        return itertools.islice(self.examples.batches(size, layout, rng), self.limit)

    def steps(self, size: int, layout: Layout) -> int:
        return min(self.limit, self.examples.steps(size, layout))


def prepared(overrides: Sequence[str]) -> tuple[ExperimentSpec, PreparedData]:
    spec = recframe.compose(overrides)
    return spec, load_data(spec, recframe.load_plugins(), lambda note: None)


def trainer_of(spec: ExperimentSpec, data: PreparedData, limit: int | None = None) -> Trainer:
    """A trainer of a new model, whose epochs have at most `limit` steps."""
    registries = recframe.load_plugins()
    model = build_model(spec, registries, data.features, data.num_labels, data.label_counts)
    examples: Examples = SequenceExamples(data)
    return Trainer(spec, registries, FirstSteps(examples, limit) if limit else examples, model)


def speed_goal(row: Row, asked: int) -> Row:
    """The row with a goal of so many units a second, on the clock; other work on the machine takes from that."""
    text = goal(f"{asked:,}/s", 1 / row.time.wall.median >= asked)
    return with_remark(row, f"{text} on the clock, {(os.cpu_count() or 1) / row.time.cpu.median:,.0f}/s by CPU")


def targets_of(trainer: Trainer) -> int:
    """How many targets an epoch trains on."""
    return sum(int(batch.weights.sum()) for batch in trainer.batches(1))


def training_row(work: str, trainer: Trainer, repeats: int, whole: bool = False) -> Row:
    """CPU of a target, or of a whole epoch, and what it is spent on."""
    targets, steps = targets_of(trainer), sum(1 for _ in trainer.batches(1))
    units = 1 if whole else targets
    epochs = itertools.count(1)
    time = timed(lambda: trainer.run_epoch(next(epochs)), repeats, units)
    parts = {name: seconds * steps / units for name, seconds in _parts(trainer).items()}
    parts["batches"] = timed(lambda: sum(1 for _ in trainer.batches(1)), repeats, units).cpu.median
    bound = step_work(trainer).seconds() * steps / units
    return Row(work, "epoch" if whole else "target", time, bound, parts, "encoder and gather", not whole)


def step_work(trainer: Trainer) -> Work:
    """What a step must do: products forward and for both gradients, exponentials, and the optimizer's arrays."""
    model, batch = trainer.model, next(trainer.batches(1))
    targets, width = int(batch.weights.sum()), trainer.spec.model.width
    rows, length = next(iter(batch.features.values())).shape[:2]
    blocks = targets / BLOCK
    products = [(shape, blocks) for shape in three_products(BLOCK, width, trainer.compared)]
    for layers, inputs in (
        (model.encoder_layers.values(), rows * length),
        ((*model.hidden, model.projection), rows * length if trainer.positions else rows),
    ):
        kernels = [weight.shape for layer in layers for weight in layer.trainable_weights if len(weight.shape) > 1]
        for shape in kernels:
            inner, columns = int(np.prod(shape[:-1])), int(shape[-1])
            products += [(product, 1.0) for product in three_products(inputs, inner, columns)]
    return Work(tuple(products), targets * trainer.compared, _optimizer_moves(trainer, targets + rows * length))


def three_products(rows: int, inner: int, columns: int) -> tuple[Product, Product, Product]:
    """A product of a layer, and those of its two gradients."""
    return (rows, inner, columns), (rows, columns, inner), (inner, rows, columns)


def _optimizer_moves(trainer: Trainer, events: int) -> tuple[tuple[int, float], ...]:
    """Reads of a gradient, reads and writes of a variable and of what the optimizer keeps of it."""
    arrays = 1 + 2 * (1 + len(trainer.optimizer.variables) // len(trainer.model.trainable_variables))
    tables = {trainer.model.table.path} | {
        weight.path for layer in trainer.model.feature_layers.values() for weight in layer.trainable_weights
    }
    moves = []
    for variable in trainer.model.trainable_variables:
        size = int(np.prod(variable.shape))
        if variable.path in tables and trainer.compared < trainer.model.table.shape[0]:
            size = min(size, (events + trainer.compared) * int(variable.shape[-1]))  # only the rows that were read
        moves.append((FLOAT * size, float(arrays)))
    return tuple(moves)


def _parts(trainer: Trainer) -> dict[str, float]:
    """CPU seconds of a step's loss, and of its optimizer where that updates whole variables."""
    batch = next(trainer.batches(1))
    parts = {
        "loss": loss_time(
            trainer.loss, len(batch.labels), trainer.model.table.shape[0], trainer.spec.model.width, repeats=3
        ).cpu.median
    }
    if trainer.compared == trainer.model.table.shape[0]:
        parts["optimizer"] = _optimizer_seconds(trainer)
    return parts


def loss_time(loss: Callable[..., tf.Tensor], rows: int, labels: int, width: int, repeats: int) -> Timed:
    """A loss and its gradients, compiled, one after another as in training."""
    rng = np.random.default_rng(0)
    vectors, table = (tf.constant(rng.normal(0, 0.1, (n, width)), tf.float32) for n in (rows, labels))
    targets, weights = tf.constant(rng.integers(1, labels, rows), tf.int32), tf.ones(rows)
    times = max(1, int(1e9 / (rows * labels * width)))

    def once(i: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            moved = vectors + total * 1e-20  # so that no step can be taken out of the loop
            tape.watch([moved, table])
            value = loss(moved, table, targets, weights)
        # Of a table that is read by rows, the gradient is those rows and no table of zeros.
        gradients = [getattr(g, "values", g) for g in tape.gradient(value, [moved, table])]
        return i + 1, value + 1e-20 * tf.add_n([tf.reduce_sum(g) for g in gradients])

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def many() -> tf.Tensor:
        return tf.while_loop(lambda i, total: i < times, once, (tf.constant(0), tf.constant(0.0)))[1]

    return timed(lambda: float(many()), repeats, units=times)


def _optimizer_seconds(trainer: Trainer) -> float:
    """CPU seconds of a step of the optimizer. It moves the model's variables, so it is measured last."""
    variables, times = trainer.model.trainable_variables, 20
    gradients = [tf.ones(variable.shape) for variable in variables]

    def once(i: tf.Tensor) -> tuple[tf.Tensor]:
        trainer.optimizer.apply([gradient * tf.cast(i, tf.float32) for gradient in gradients], variables)
        return (i + 1,)

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def many() -> tf.Tensor:
        return tf.while_loop(lambda i: i < times, once, (tf.constant(0),))[0]

    return timed(lambda: int(many()), repeats=3, units=times).cpu.median


def with_remark(row: Row, *remarks: str) -> Row:
    return attrs.evolve(row, remarks=(*row.remarks, *remarks))
