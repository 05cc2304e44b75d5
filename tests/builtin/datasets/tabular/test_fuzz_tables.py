"""Item and user tables of any bytes: an error of recframe's, or attributes that the file holds."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
from hypothesis import given, strategies as st

from recframe.builtin.datasets.tabular.build import build
from recframe.builtin.datasets.tabular.formats.endings import FORMATS
from recframe.builtin.datasets.tabular.formats.format import Reading
from recframe.builtin.datasets.tabular.formats.frame import open_table
from recframe.builtin.datasets.tabular.formats.shards import open_shards
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import RowOptions
from recframe.errors import RecframeError
from recframe.interactions.interactions import Interactions
from tests.builtin.datasets.tabular.tables import write
from tests.builtin.datasets.tabular.test_fuzz import SETTINGS, mutated, small_chunks

IDS = ["a", "b", "c", "d"]
EVENTS = pl.DataFrame({"user": IDS * 3, "item": sorted(IDS * 3), "timestamp": range(12)})
TABLE = pl.DataFrame(
    {"id": IDS, "name": ["Ä", 'the "b"', "c, d", ""], "tags": ["x|y", "", "x", "z"], "price": [1.5, 2, 0.25, 8]}
)


def loaded(path: Path, format: str, of_users: bool, **options: object) -> Interactions | None:
    """Good events beside a table of items or of users; None where the table is refused."""
    rows = RowOptions(**options)  # type: ignore[arg-type]
    ledger = Ledger(skip=rows.on_error == "skip")
    try:
        tables = open_shards(str(path), Reading(format=format), "dataset.items", ledger)
        sides = ([], tables) if of_users else (tables, [])
        data = build(rows, [(0, open_table(EVENTS, "events"))], *sides, ledger)
    except RecframeError:
        return None
    assert data.num_events == len(EVENTS)
    assert all(len(column) == len(IDS) for column in (data.users if of_users else data.items).values())
    return data


@SETTINGS
@given(
    data=st.data(),
    format=st.sampled_from(FORMATS[1:]),
    skip=st.booleans(),
    of_users=st.booleans(),
    numbers=st.sampled_from(((), ("price",))),
    chunk=st.sampled_from((7, 64, 1 << 20)),
)
def test_damaged_tables(
    tmp_path: Path, data: st.DataObject, format: str, skip: bool, of_users: bool, numbers: tuple[str, ...], chunk: int
) -> None:
    whole = write(TABLE, tmp_path / f"seed.{format}").read_bytes()
    path = tmp_path / f"x.{format}"
    path.write_bytes(data.draw(mutated(whole)))
    lists = data.draw(st.sampled_from(((), ("tags",))))
    with small_chunks(chunk):
        loaded(path, format, of_users, on_error="skip" if skip else "raise", numbers=numbers, lists=lists)


NAME = st.text(st.sampled_from('ab1.,"\r\n\t é'), max_size=5)


@SETTINGS
@given(names=st.lists(NAME, min_size=4, max_size=4), order=st.permutations(IDS), chunk=st.sampled_from((1, 20, 1000)))
def test_each_item_has_the_attribute_of_its_row(tmp_path: Path, names: list[str], order: list[str], chunk: int) -> None:
    """As the csv module reads them, where a file's texts are no numbers, which would be told apart by value alone."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["id", "name"], *([key, f"x{name}"] for key, name in zip(order, names, strict=True))])
    path = tmp_path / "items.csv"
    path.write_bytes(text.getvalue().encode())
    expected = dict(list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1:])
    with small_chunks(chunk):
        data = loaded(path, "csv", of_users=False)
    assert data is not None
    assert dict(zip(data.items["id"].tolist(), data.items["name"].tolist(), strict=True)) == expected
