"""Ids beyond int64, and ids that are written in another way in another table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recframe import DataError
from recframe.builtin.datasets.tabular import from_table
from tests.builtin.datasets.tabular.tables import plain, read, write

FORMATS = ("csv", "tsv", "jsonl", "parquet", "arrow")


BIG = [2**63, 2**64 - 1, 2**53 + 1, 5]


def _big(ids: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"user": pl.Series(ids, dtype=pl.UInt64), "item": pl.Series(ids, dtype=pl.UInt64)}
    ).with_columns(timestamp=pl.int_range(len(ids)), word=pl.Series(ids, dtype=pl.UInt64))


@pytest.mark.parametrize("ids", [BIG, [5, 2**63 - 1]], ids=["beyond int64", "within"])
def test_unsigned_ids_are_read_from_every_format(tmp_path: Path, ids: list[int]) -> None:
    frame = _big(ids)
    data = {ending: read(write(frame, tmp_path / f"x.{ending}")) for ending in FORMATS}
    data |= {"polars": from_table(frame), "pandas": from_table(frame.to_pandas())}
    for where, one in data.items():
        assert plain(one) == plain(data["csv"]), where
        assert set(map(str, one.items["id"].tolist())) == set(map(str, ids)), where
        assert one.items["id"].dtype.kind == ("U" if max(ids) >= 2**63 else "i"), where
        word = one.column("word").values
        assert set(map(str, word.tolist())) == set(map(str, ids)), where
    joined = from_table(frame, items=_big(ids).select("item", attribute="word"))
    assert [str(value) for value in joined.items["attribute"].tolist()] == [str(v) for v in joined.items["id"].tolist()]


@pytest.mark.parametrize("ending", FORMATS)
def test_shards_of_which_one_alone_has_ids_beyond_int64(tmp_path: Path, ending: str) -> None:
    for name, ids in (("0", [1, 2]), ("1", BIG), ("2", [3, 2])):
        write(_big(ids), tmp_path / f"{name}.{ending}")
    data = read(tmp_path)
    assert set(data.user_ids.tolist()) == {str(n) for n in (1, 2, 3, *BIG)}
    assert data.num_events == 8


def test_ids_beyond_every_type_and_real_mixtures(tmp_path: Path) -> None:
    line = '{{"user": {}, "item": 1, "timestamp": 1}}\n'
    (tmp_path / "0.jsonl").write_text(line.format(2**70) + line.format(-(2**63) - 1))
    (tmp_path / "1.jsonl").write_text(line.format(7))
    assert set(read(tmp_path).user_ids.tolist()) == {str(2**70), str(-(2**63) - 1), "7"}
    (tmp_path / "2.jsonl").write_text(line.format('"18446744073709551616"'))
    with pytest.raises(
        DataError, match=r"2\.jsonl, column user: mixed id types: ids are text here, but they were whole numbers before"
    ):
        read(tmp_path)


def test_tables_whose_ids_differ_in_their_writing_alone(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user": [1, 1], "item": [17850, 17851], "timestamp": [1, 2]})
    (tmp_path / "items.csv").write_text("item,name\n17850.0,Mug\n17851.0,Cup\n")
    with pytest.raises(
        DataError, match=r"2 of 2 items have no row .* ids are written differently, such as '17850' and '178"
    ):
        read(write(frame, tmp_path / "x.csv"), items=str(tmp_path / "items.csv"))
    (tmp_path / "items.csv").write_text("item,name\nmug,Mug\ncup,Cup\n")
    with pytest.raises(DataError, match=r"2 of 2 items have no row .* add the rows, or name another column in dataset"):
        read(tmp_path / "x.csv", items=str(tmp_path / "items.csv"))
    floats = from_table(
        frame.with_columns(item=pl.col("item").cast(pl.Float64)), items=pl.DataFrame({"item": ["17850"]})
    )
    assert floats.items["id"].tolist() == [17850, 17851]
