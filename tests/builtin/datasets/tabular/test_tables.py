"""Tables in Python: Polars, pandas and Arrow, and options from values of Python's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from recframe import DataError, SpecError
from recframe.builtin.datasets.tabular import from_table
from tests.builtin.datasets.tabular.tables import events, plain, write

COLUMNS = {"rating": "rating", "event": "event"}


def test_pandas_and_arrow_tables() -> None:
    import pandas
    import pyarrow

    frame = events()
    expected = plain(from_table(frame, columns=COLUMNS))
    arrow = pyarrow.table({name: frame[name].to_list() for name in frame.columns})
    assert plain(from_table(arrow, columns=COLUMNS)) == expected
    assert plain(from_table(pandas.DataFrame(frame.to_dict(as_series=False)), columns=COLUMNS)) == expected
    assert plain(from_table(frame.lazy(), columns=COLUMNS)) == expected


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(TypeError, match="pass a Polars or pandas DataFrame, or an Arrow table"):
        from_table([("a", "b")])
    with pytest.raises(TypeError, match="pass a Polars or pandas DataFrame, or an Arrow table"):
        from_table(events()["user"])
    with pytest.raises(TypeError, match=r"the item table is a .*Series; pass"):
        from_table(events(), items=events()["item"])


NO_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown name": ({"kcore": 5}, "kcore: unknown key; did you mean 'k_core'?"),
    "an unknown column": ({"columns": {"usr": "x"}}, "columns.usr: unknown key; did you mean 'user'?"),
    "text for a number": ({"k_core": "5"}, "k_core: expected an integer, got '5'"),
    "text for a rating": ({"min_rating": "2", "columns": {"rating": "rating"}}, "min_rating: expected"),
    "text for a list": ({"event_types": "buy", "columns": {"event": "event"}}, "event_types: expected a list of texts"),
    "a Series of lists": ({"event_types": pl.Series([[1]])}, "event_types.0: expected text or integer or number"),
    "text for columns": ({"columns": "user"}, "columns: expected a mapping of keys to values, got 'user'"),
    "no such choice": ({"keep": "some"}, "keep: 'some' is not allowed: must be one of all, first, last"),
    "an earlier run": ({"vocabulary_from": "runs/1"}, "recframe.compose(['dataset.vocabulary_from=FOLDER'])"),
    "half a split": ({"test": pl.DataFrame()}, "needs both validation and test"),
}


@pytest.mark.parametrize(("options", "message"), NO_OPTIONS.values(), ids=NO_OPTIONS)
def test_options_of_tables_that_are_none(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as refusal:
        from_table(events(), **options)
    assert message in str(refusal.value)


def test_options_of_tables_may_be_arrays_and_series() -> None:
    columns = {"event": "event"}
    expected = plain(from_table(events(), columns=columns, event_types=("buy",), k_core=2))
    for kinds in (["buy"], pl.Series(["buy"]), np.array(["buy"])):
        assert plain(from_table(events(), columns=columns, event_types=kinds, k_core=np.int64(2))) == expected


def test_ids_of_mixed_types_are_told_by_column() -> None:
    mixed = pl.Series("item", [1, "a", 2], dtype=pl.Object)
    frame = pl.DataFrame({"user": [1, 1, 2], "timestamp": [1, 2, 3]}).with_columns(mixed)
    with pytest.raises(
        DataError, match=r"the table, row 2, column item: 'a' among ids such as 1: mixed id types; make"
    ):
        from_table(frame)


def test_pandas_columns_of_mixed_types_are_told_by_column() -> None:
    import pandas

    frame = pandas.DataFrame({"user": [1, 2], "item": [1, "a"], "timestamp": [1, 2]})
    with pytest.raises(DataError, match=r"the table: column 'item' cannot be converted: .* have several types: make"):
        from_table(frame)
    with pytest.raises(TypeError, match=r"the table is a pandas.*Series; pass"):
        from_table(frame["user"])


def test_pandas_and_pyarrow_are_not_needed(tmp_path: Path) -> None:
    path = write(events(), tmp_path / "events.parquet")
    code = (
        "import sys; sys.modules['pandas'] = sys.modules['pyarrow'] = None\n"
        "from tests.builtin.datasets.tabular.tables import read\n"
        f"assert read({str(path)!r}).num_events == 90"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[4])
