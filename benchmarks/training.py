"""Training: an epoch of short histories, and targets of MovieLens-1M's shape; each beside Keras's `fit`."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.plain_keras import keras_row
from benchmarks.scale import Scale, overrides_of
from benchmarks.steps import prepared, speed_goal, trainer_of, training_row, with_remark
from benchmarks.tables import Row, Table, goal, table_of

INTRO = (
    "The bound is the CPU that the matrix products of the step, forward and for both gradients, the exponentials of "
    "the softmax and the optimizer's arrays take on this machine, measured in the same process. Keras trains the same "
    "layers (its convolution does not fade) with the same optimizer and batch, on windows that lie in memory; an epoch "
    "of it is as many windows as there are targets."
)
SHORT = ["dataset.users=22363", "dataset.items=12101", "dataset.events_per_user=9"]
OF_1M = ["dataset.users=3000", "dataset.items=3416", "dataset.events_per_user=165"]
SMALL = ["dataset.users=60", "dataset.items=50", "dataset.events_per_user=12", "train.batch_size=64"]
#: The width of the goals.
NARROW = "model.width=32"
BOW = ["encoder=bow", "model.width=8", "model.history_length=10"]


def rows(scale: Scale) -> Iterator[Row]:
    yield from amazon_beauty(scale)
    spec, data = prepared([*scale.of(OF_1M, SMALL), NARROW])
    row = training_row("MovieLens-1M's shape, cnn, width 32, history 50", trainer_of(spec, data, 200), scale.repeats)
    yield speed_goal(row, 110_000)
    yield keras_row(row, spec, data, scale.of(10, 1) * spec.train.batch_size, scale.repeats)
    spec, data = prepared([*scale.of(OF_1M, SMALL), *BOW])
    row = training_row("MovieLens-1M's shape, bow, width 8, history 10", trainer_of(spec, data, 300), scale.repeats)
    yield row
    yield keras_row(row, spec, data, scale.of(60, 1) * spec.train.batch_size, scale.repeats)


def amazon_beauty(scale: Scale) -> Iterator[Row]:
    """Short histories and many items."""
    name, overrides = overrides_of("amazon-beauty", SHORT)
    spec, data = prepared([*scale.of(overrides, SMALL), NARROW])
    row = training_row(f"{name}, cnn, width 32", trainer_of(spec, data), scale.repeats, whole=True)
    yield with_remark(row, goal("15 s of CPU", row.time.cpu.median <= 15))
    yield keras_row(row, spec, data, scale.of(10, 1) * spec.train.batch_size, scale.repeats)


def table(scale: Scale) -> Table:
    return table_of("Training", INTRO, list(rows(scale)))
