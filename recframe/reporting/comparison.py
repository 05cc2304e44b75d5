"""`recframe evaluate RUN_A RUN_B`: compares two runs, and tests whether the difference could be chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from attrs import frozen
from rich.console import Console
from rich.table import Table

from recframe.data.splits import TEST
from recframe.errors import SpecError
from recframe.errors.terminal import printable
from recframe.evaluation.comparability import first_difference, identity
from recframe.evaluation.intervals import paired_difference
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.rank_metrics import gain_columns
from recframe.evaluation.ranking import rank_targets
from recframe.reporting.figures import seen_items_text
from recframe.runs.run import Run
from recframe.spec.experiment import ExperimentSpec


@frozen(eq=False)
class RankedRun:
    """A run with the ranks of its test targets.

    Attributes:
        ranks: int64 [targets]; the rank of each test target.
        users: int32 [targets]; the user of each test target.
        identity: Hashes of what must be the same in both runs.
        exclude_seen: Whether items that the users had are left out.
    """

    spec: ExperimentSpec
    ranks: np.ndarray
    users: np.ndarray
    identity: dict[str, str]
    exclude_seen: bool

    @classmethod
    def of(cls, run: Run) -> RankedRun:
        """Rank the test targets of a run. The result holds neither data nor model, to save memory."""
        spec, data = run.spec, run.data
        targets, size = data.targets(TEST), spec.evaluation.batch_size
        scorer = KerasScorer(run.model, size).by_target(data)
        ranks = rank_targets(scorer, data, targets, spec.evaluation.top_k, size)[data.exclude_seen].ranks
        return cls(spec, ranks, data.users[targets], identity(data), data.exclude_seen)


def compare(one: RankedRun, other: RankedRun) -> dict[str, dict[str, float]]:
    """For each metric the means `a` of `one` and `b` of `other`, their `difference` b - a, its interval and its
    p-value.

    Raises:
        SpecError: if the runs were not tested on the same targets.
    """
    if differing := first_difference(one.identity, other.identity):
        settings = " and ".join(
            f"dataset={s.dataset.type} split={s.split.type} seed={s.seed}" for s in (one.spec, other.spec)
        )
        raise SpecError(
            f"the runs cannot be compared: their {differing} differ ({settings}); "
            "train both on the same data with the same split, seed and label.vocab_size"
        )
    names, first = gain_columns(one.ranks, one.spec.evaluation.top_k)
    _, second = gain_columns(other.ranks, one.spec.evaluation.top_k)
    rows = paired_difference(second, first, one.users, one.spec.seed)
    columns = (first.mean(axis=0), second.mean(axis=0), rows.mean, rows.low, rows.high, rows.p)
    keys = ("a", "b", "difference", "low", "high", "p")
    return {
        name: dict(zip(keys, map(float, row), strict=True))
        for name, row in zip(names, np.stack(columns, axis=1), strict=True)
    }


def print_comparison(
    one: RankedRun, other: RankedRun, folders: tuple[Path, Path], as_json: bool, console: Console | None = None
) -> None:
    """Print the comparison as a table, or as JSON for programs."""
    rows = compare(one, other)
    if as_json:
        print(json.dumps({"a": str(folders[0]), "b": str(folders[1]), "metrics": rows}, indent=2))
        return
    console = console or Console()
    users = len(np.unique(one.users))
    console.print(
        f"A is {printable(str(folders[0]))}\nB is {printable(str(folders[1]))}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    console.print(
        f"{len(one.ranks):,} test targets of {users:,} users, {seen_items_text(one.exclude_seen)}", highlight=False
    )
    table = Table("metric", box=None, pad_edge=False)
    for heading in ("A", "B", "B - A", "95 % interval", "p"):
        table.add_column(heading, justify="right")
    for name, row in rows.items():
        means = (f"{row['a']:.4f}", f"{row['b']:.4f}", f"{row['difference']:+.4f}")
        table.add_row(name, *means, f"{row['low']:+.4f} to {row['high']:+.4f}", f"{row['p']:.4f}")
    console.print(table)
