"""The full softmax and its gradients against the matrix products that they need."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

import recframe
from benchmarks.machine import Work, exponential_seconds
from benchmarks.scale import Scale
from benchmarks.steps import BLOCK, loss_time, three_products
from benchmarks.tables import Row, Table, goal, table_of

INTRO = (
    f"1,024 targets of width 64. The bound is three matrix products alone, of {BLOCK} rows by BLAS: the scores, and "
    "the gradients of vectors and table. The exponentials, the maxima and the sums come on top."
)
ROWS, WIDTH = 1024, 64
#: Share of the products' speed that was asked for.
SHARE = 0.67


def rows(scale: Scale) -> Iterator[Row]:
    kind = recframe.load_plugins().losses["softmax"]
    for items in scale.of((3416, 12_101, 100_000), (50,)):
        context = recframe.LossContext(np.ones(items + 1, np.int64), WIDTH, lambda: tf.zeros(2, tf.int32))
        time = loss_time(kind.build(kind.options(), context), ROWS, items + 1, WIDTH, scale.repeats).times(1 / ROWS)
        bound = Work(tuple((p, 1 / BLOCK) for p in three_products(BLOCK, WIDTH, items + 1))).seconds()
        parts = {"products at BLAS's speed": bound, "exponentials": (items + 1) * exponential_seconds()}
        share = bound / time.cpu.median
        yield Row(
            f"{items:,} items",
            "target",
            time,
            bound,
            parts,
            "maxima, sums, products slower than BLAS's",
            remarks=(f"{share:.2f} of the products' speed, {goal(str(SHARE), share >= SHARE)}",),
        )


def table(scale: Scale) -> Table:
    return table_of("Softmax", INTRO, list(rows(scale)))
