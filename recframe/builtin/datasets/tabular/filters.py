"""Filters events: by repeated items, by the length of histories, and by k-core."""

from __future__ import annotations

import numpy as np

from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import RowOptions


def kept_events(user: np.ndarray, item: np.ndarray, options: RowOptions, ledger: Ledger) -> np.ndarray | None:
    """int64 [kept]: the events that pass the filters; None if all do. The events must be sorted by user and time.

    `keep` is first, then `max_history`. Then `min_history` and `k_core` are repeated until no event is removed.
    """
    rows: np.ndarray | None = None
    if options.keep != "all":
        rows = _one_of_each(user, item, last=options.keep == "last")
        ledger.leave_out(f"the user has another event with this item (keep={options.keep})", len(user) - len(rows))
    if options.max_history is not None:
        rows = np.arange(len(user)) if rows is None else rows
        few = rows[np.bincount(user[rows])[user[rows]] <= options.max_history]
        ledger.leave_out(f"the user has more than {options.max_history} events (max_history)", len(rows) - len(few))
        rows = few
    least = max(options.min_history, options.k_core)
    if least > 1:
        rows = np.arange(len(user)) if rows is None else rows
        core = _core(rows, user, item, least, options.k_core)
        ledger.leave_out(_reason(options), len(rows) - len(core))
        rows = core
    return rows if rows is None or len(rows) < len(user) else None


def _one_of_each(user: np.ndarray, item: np.ndarray, last: bool) -> np.ndarray:
    """int64: the first or the last event of each user and item, in order."""
    pair = user.astype(np.int64) * (int(item.max()) + 1) + item
    _, first = np.unique(pair[::-1] if last else pair, return_index=True)
    rows: np.ndarray = np.sort(len(pair) - 1 - first if last else first)
    return rows


def _core(rows: np.ndarray, user: np.ndarray, item: np.ndarray, of_user: int, of_item: int) -> np.ndarray:
    """Remove users and items with too few events repeatedly, until all have enough. Returns the remaining rows."""
    while len(rows):
        users, items = user[rows], item[rows]
        keep = np.bincount(users)[users] >= of_user
        if of_item > 1:
            keep &= np.bincount(items)[items] >= of_item
        if keep.all():
            break
        rows = rows[keep]
    return rows


def _reason(options: RowOptions) -> str:
    if options.k_core == 1:
        return f"the user has fewer than {options.min_history} events (min_history)"
    users = f" (users: {options.min_history})" if options.min_history > options.k_core else ""
    return f"the user or the item has fewer than {options.k_core} events{users} (k_core)"
