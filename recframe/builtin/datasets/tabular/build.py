"""Makes interactions from sources in three steps: plan, read, finish."""

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
    """Make interactions.

    Args:
        sources: The sources of the events, each with its part of the split.
        items, users: The sources of the item table and of the user table.
        seed: Draws the order of equal times if the files do not show it.

    Raises:
        DataError: The data is invalid, or no event is left.
    """
    plan = make_plan(options, sources, items, users, ledger)
    events = read_events(plan, ledger)
    return finish(plan, events, ledger, seed)
