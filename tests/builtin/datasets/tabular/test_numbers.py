"""`dataset.numbers`: columns in which a row with something else cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recframe.builtin.datasets.tabular import TabularOptions, from_table
from recframe.builtin.datasets.tabular.dataset import load
from recframe.errors import DataError
from recframe.plugin.types import DatasetContext

EVENTS = "user,item,timestamp,price\nann,a,1,3.5\nann,b,2,cheap\nben,a,3,\nben,b,4,1e3\nben,c,5,NaN\nann,c,6,2\n"
ITEMS = "id,weight\na,2\nb,heavy\nc,\n"


def read(folder: Path, **options: object):  # type: ignore[no-untyped-def]
    (folder / "events.csv").write_text(EVENTS, encoding="utf-8")
    (folder / "items.csv").write_text(ITEMS, encoding="utf-8")
    paths_and_options = {"path": str(folder / "events.csv"), "items": str(folder / "items.csv"), **options}
    return load(TabularOptions(**paths_and_options), DatasetContext(seed=1, cache=folder))  # type: ignore[arg-type]


def test_a_row_with_something_else_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"events\.csv, line 3, column price: 'cheap' is not a number; .*on_error=skip"):
        read(tmp_path, numbers=("price",))
    with pytest.raises(DataError, match=r"items\.csv, line 3, column weight: 'heavy' is not a number"):
        read(tmp_path, numbers=("weight",))


def test_such_rows_are_skipped_and_counted_and_the_others_are_numbers(tmp_path: Path) -> None:
    data = read(tmp_path, numbers=("price", "weight"), on_error="skip", extra=())
    assert sorted(data.events["price"].tolist()) == [0, 2, 3.5, 1000]
    assert data.num_events == 4
    notes = "\n".join(data.notes)
    assert "2 of 6 rows were skipped, the first: " in notes
    assert "line 3, column price: 'cheap' is not a number" in notes
    assert "column 'price' has no value in 1 of 4 rows: they are 0" in notes
    assert "1 of 3 rows were skipped: " in notes
    weight = dict(zip(data.items["id"].tolist(), data.items["weight"].tolist(), strict=True))
    assert weight == {"a": 2, "b": 0, "c": 0}


def test_a_table_of_which_every_row_is_skipped(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"the item table .*items\.csv has no valid row: 3 of 3 rows were"):
        read(tmp_path, numbers=("id",), on_error="skip")


def test_without_it_the_column_is_text_and_that_is_told(tmp_path: Path) -> None:
    data = read(tmp_path)
    assert "price" in data.categories
    assert data.num_events == 6


def test_a_table_in_python_and_a_wrong_name() -> None:
    table = pl.DataFrame({"user": ["u", "u"], "item": [1, 2], "price": ["1.5", "2"]})
    data = from_table(table, numbers=["price"])
    np.testing.assert_array_equal(data.events["price"], [1.5, 2])
    with pytest.raises(DataError, match=r"dataset\.numbers: no column 'prize': the nearest is 'price'"):
        from_table(table, numbers=["prize"])
    with pytest.raises(DataError, match=r"dataset\.numbers names it, but it holds List"):
        from_table(table.with_columns(price=pl.Series([[1], [2]])), numbers=["price"])
