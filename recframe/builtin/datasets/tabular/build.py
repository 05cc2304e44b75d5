"""From sources to interactions: plan, read, finish."""

from __future__ import annotations

from collections.abc import Sequence

from recframe import Interactions
from recframe.builtin.datasets.tabular.events import read_events
from recframe.builtin.datasets.tabular.finish import finish
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import RowOptions
from recframe.builtin.datasets.tabular.plan import make_plan


def build(
    options: RowOptions,
    sources: Sequence[tuple[int, Source]],
    items: Sequence[Source],
    users: Sequence[Source],
    ledger: Ledger,
    seed: int = 1,
) -> Interactions:
    """The interactions of sources, each with its part of the split.

    Args:
        seed: Draws the order of equal times, where the files do not tell it.

    Raises:
        DataError: For what cannot be used, and where no event is left.
    """
    plan = make_plan(options, sources, items, users, ledger)
    events = read_events(plan, ledger)
    return finish(plan, events, ledger, seed)
