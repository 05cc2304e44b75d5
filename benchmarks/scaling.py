"""What a step and an evaluation cost as catalogues and histories grow."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from benchmarks.evaluation import prepared_of, rows_over
from benchmarks.scale import Scale
from benchmarks.steps import prepared, trainer_of, training_row, with_remark
from benchmarks.tables import Row, Table, goal, table_of

INTRO = (
    "Targets of a cnn of width 64 with `loss=sampled_softmax` (1,024 negatives that all targets of a step share) and "
    "histories ranked by a bow of width 32, over 1,000 to 1,000,000 items; then targets of a cnn of width 32 "
    "with the full softmax over 3,416 items, with histories of 10 to 200. Events in growing numbers are under Data."
)
ITEMS = (1_000, 10_000, 100_000, 1_000_000)
HISTORIES = (10, 50, 200)
LONG = ["dataset.users=1500", "dataset.items=3416", "dataset.events_per_user=250"]
#: How much longer a step may take over the most items than over 10,000.
MOST = 1.3


def rows(scale: Scale) -> Iterator[Row]:
    yield from _sampled(scale)
    for items in scale.of(ITEMS, (40,)):
        for row in rows_over(items, 32, scale.of(1_000_000, 3_000), scale, lists=False):
            yield attrs.evolve(row, work=f"evaluation, {row.work}")
    size = scale.of(LONG, ["dataset.users=60", "dataset.items=50"])
    for length in scale.of(HISTORIES, (10,)):
        spec, data = prepared([*size, "model.width=32", f"model.history_length={length}"])
        yield training_row(f"history of {length}", trainer_of(spec, data, scale.of(100, 2)), scale.repeats)


def _sampled(scale: Scale) -> Iterator[Row]:
    cpu = {}
    for items in scale.of(ITEMS, (40, 80)):
        spec, data = prepared_of(["loss=sampled_softmax", "model.width=64"], scale.of(1_000_000, 3_000), items)
        row = training_row(f"sampled softmax, {items:,} items", trainer_of(spec, data, scale.of(60, 2)), scale.repeats)
        cpu[items] = row.time.cpu.median
        if items == ITEMS[-1]:
            factor = cpu[items] / cpu[10_000]
            row = with_remark(row, f"{factor:.2f} times 10,000 items, {goal(f'{MOST}', factor <= MOST)}")
        yield row


def table(scale: Scale) -> Table:
    return table_of("Scaling", INTRO, list(rows(scale)))
