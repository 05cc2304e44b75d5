"""The filters against an implementation that is slow and plain, and the book that is kept of the rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings, strategies as st

from recframe.builtin.datasets.tabular import from_table
from recframe.builtin.datasets.tabular.build import build
from recframe.builtin.datasets.tabular.formats.frame import open_table
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import ColumnOptions, RowOptions
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from tests.builtin.datasets.tabular.tables import tuples

Row = tuple[int, str, int, float, str]
ROWS = st.lists(
    st.tuples(
        st.integers(1, 5), st.sampled_from("abcdef"), st.integers(0, 6), st.integers(1, 5), st.sampled_from(("v", "b"))
    ),
    min_size=1,
    max_size=60,
)
FILTERS = st.fixed_dictionaries(
    {
        "min_rating": st.none() | st.integers(1, 5).map(float),
        "event_types": st.sampled_from(((), ("v",), ("b", "nothing"), ("v", "b"))),
        "keep": st.sampled_from(("all", "first", "last")),
        "max_history": st.none() | st.integers(1, 20),
        "min_history": st.integers(1, 6),
        "k_core": st.integers(1, 4),
    }
)


def naive(rows: list[Row], options: dict[str, Any]) -> list[Row]:
    """What the options keep, by user and time."""
    rows = [r for r in rows if options["min_rating"] is None or r[3] >= options["min_rating"]]
    rows = [r for r in rows if not options["event_types"] or r[4] in options["event_types"]]
    rows = sorted(rows, key=lambda r: (r[0], r[2]))
    if options["keep"] != "all":
        seen, kept = set(), []
        for r in rows if options["keep"] == "first" else rows[::-1]:
            if (r[0], r[1]) not in seen:
                seen.add((r[0], r[1]))
                kept.append(r)
        rows = kept if options["keep"] == "first" else kept[::-1]
    if options["max_history"] is not None:
        counts = Counter(r[0] for r in rows)
        rows = [r for r in rows if counts[r[0]] <= options["max_history"]]
    while True:
        users, items = Counter(r[0] for r in rows), Counter(r[1] for r in rows)
        least = max(options["min_history"], options["k_core"])
        kept = [r for r in rows if users[r[0]] >= least and items[r[1]] >= options["k_core"]]
        if len(kept) == len(rows):
            return rows
        rows = kept


def frame_of(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, ["user", "item", "timestamp", "stars", "kind"], orient="row")


def load_with_ledger(rows: list[Row], options: dict[str, Any]) -> tuple[Interactions, Ledger]:
    ledger = Ledger()
    chosen = RowOptions(columns=ColumnOptions(rating="stars", event="kind"), ties="file", **options)
    return build(chosen, [(0, open_table(frame_of(rows), "rows"))], [], [], ledger), ledger


@settings(deadline=None)  # the first call imports
@given(rows=ROWS, options=FILTERS)
def test_filters_keep_what_a_plain_implementation_keeps(rows: list[Row], options: dict[str, Any]) -> None:
    expected = naive(rows, options)
    if not expected:
        with pytest.raises(DataError, match="no interactions"):
            load_with_ledger(rows, options)
        return
    data, ledger = load_with_ledger(rows, options)
    assert tuples(data) == [r[:3] for r in expected]
    assert data.events["rating"].tolist() == [r[3] for r in expected]
    assert ledger.read == len(rows)
    assert ledger.kept == data.num_events
    assert sorted(set(tuples(data))) == sorted({r[:3] for r in expected})
    assert data.user_ids.tolist() == sorted({r[0] for r in expected})
    assert data.items["id"].tolist() == sorted({r[1] for r in expected})


def test_notes_say_what_was_left_out() -> None:
    frame = frame_of([(1, "a", 1, 2.0, "v"), (1, "b", 2, 5.0, "b"), (2, "a", 3, 5.0, "b"), (1, "b", 4, 5.0, "b")])
    data = from_table(
        frame, columns={"rating": "stars", "event": "kind"}, min_rating=3, event_types=["b"], keep="last", min_history=1
    )
    assert tuples(data) == [(1, "b", 4), (2, "a", 3)]
    assert data.notes[:-1] == (
        "1 of 4 rows were left out: the rating is below 3",
        "1 of 4 rows were left out: the user has another event with this item (keep=last)",
    )
