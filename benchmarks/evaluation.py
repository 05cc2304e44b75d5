"""Histories ranked over catalogues of several sizes, against the product that makes their scores.

python -m benchmarks evaluation [--large]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

import recframe
from benchmarks.data import draw
from benchmarks.machine import Product, Work
from benchmarks.scale import Scale
from benchmarks.steps import speed_goal
from benchmarks.tables import Row, Table, table_of
from benchmarks.timing import timed
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.evaluation.baselines import BASELINES
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.list_metrics import ItemStatistics
from recframe.evaluation.ranking import rank_targets, seen_labels
from recframe.evaluation.scorers import tile_of
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.spec.experiment import ExperimentSpec

INTRO = (
    "Made-up events, about 30 of a user; a bow with its first weights. Every test label is ranked among all items, "
    "with and without those that its user has had; the lists are the 10 best items and their figures. The bound is the "
    "product that makes the scores, in blocks of the same size. The comparators are ranked over the smallest catalogue."
)
EVENTS_PER_USER = 30
#: Scores that a measurement makes at least, and histories that it ranks at most.
SCORES, MOST = 1_000_000_000, 60_000
#: Items and widths.
SIZES = ((3416, (8, 32)), (100_000, (32, 64)))
LARGE = (1_000_000, (32, 64))
#: Histories a second over 100,000 items that were asked for.
ASKED = 10_000


def prepared_of(overrides: Sequence[str], events: int, items: int) -> tuple[ExperimentSpec, PreparedData]:
    """Made-up events over a catalogue of any size."""
    spec = recframe.compose(overrides)
    user, item, seconds = draw(events, events // EVENTS_PER_USER, items)
    data = Interactions.from_columns(user, item, seconds, {"id": np.arange(items)})
    return spec, prepare(spec, recframe.load_plugins(), data)


def bound(batch: int, labels: int, width: int) -> float:
    """CPU seconds of a history's scores: products of the blocks that evaluation makes, and nothing else."""
    tile = tile_of(batch, labels)
    shape: Product = (tile.rows, width, min(tile.columns, labels))
    return Work(((shape, labels / shape[2] / tile.rows),)).seconds()


def rows_over(items: int, width: int, events: int, scale: Scale, lists: bool = True) -> Iterator[Row]:
    """Ranks, and ranks with lists, of the model."""
    spec, data = prepared_of(["encoder=bow", f"model.width={width}", "evaluation.top_k=[10]"], events, items)
    batch = spec.evaluation.batch_size
    targets = data.targets(TEST)[: scale.of(min(MOST, max(2 * batch, SCORES // items)), 50)]
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    keras = KerasScorer(model, batch)
    scorer, limit = keras.by_target(data), bound(batch, data.num_labels, width)
    chunks = [targets[at : at + batch] for at in range(0, len(targets), batch)]
    parts = {"the product": limit}
    for name, work in (
        ("vectors", lambda: [keras.queries(histories(data, chunk)) for chunk in chunks]),
        ("seen items", lambda: [seen_labels(data, chunk) for chunk in chunks]),
    ):
        parts[name] = timed(work, scale.repeats, len(targets)).cpu.median
    for what, of_lists in (("ranks", None), ("ranks and lists", ItemStatistics.of(data, None)))[: 1 + lists]:
        time = timed(lambda: rank_targets(scorer, data, targets, (10,), batch, of_lists), scale.repeats, len(targets))  # noqa: B023
        rest = "comparing scores" if of_lists is None else "comparing scores and finding the best"
        yield Row(f"{items:,} items, width {width}: {what}", "history", time, limit, parts, rest)


def _comparators(items: int, events: int, scale: Scale) -> Iterator[Row]:
    spec, data = prepared_of(["encoder=bow", "evaluation.top_k=[10]"], events, items)
    targets, facts = data.targets(TEST)[: scale.of(MOST, 50)], ItemStatistics.of(data, None)
    for name, build in BASELINES.items():
        scorer = build(data, spec.evaluation)
        time = timed(lambda: rank_targets(scorer, data, targets, (10,), 1024, facts), scale.repeats, len(targets))  # noqa: B023
        yield Row(f"{items:,} items, {name}: ranks and lists", "history", time)


def rows(scale: Scale) -> Iterator[Row]:
    events = scale.of(2_000_000, 3_000)
    sizes = scale.of(SIZES, ((40, (8,)),))
    for items, widths in (*sizes, LARGE) if scale.large else sizes:
        for width in widths:
            for row in rows_over(items, width, events, scale):
                yield speed_goal(row, ASKED) if items == 100_000 else row
    yield from _comparators(sizes[0][0], scale.of(500_000, 3_000), attrs.evolve(scale, repeats=1))


def table(scale: Scale) -> Table:
    return table_of("Evaluation", INTRO, list(rows(scale)))
