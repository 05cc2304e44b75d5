"""Columns as text, and text as numbers where nothing is lost."""

from __future__ import annotations

import polars as pl
import pytest

from recframe.builtin.datasets.tabular.column_types import as_text, texts_in_order


def test_each_value_has_the_text_that_a_phone_makes_of_it() -> None:
    assert as_text(pl.Series([2.0, 1.5, None, 2.0])).to_list() == ["2", "1.5", None, "2"]
    assert as_text(pl.Series([0.1], dtype=pl.Float32)).to_list() == ["0.1"]
    assert as_text(pl.Series([True, None])).to_list() == ["true", None]
    assert as_text(pl.Series([7, -1])).to_list() == ["7", "-1"]


@pytest.mark.parametrize("odd", ["007", "-0", "+1", "1.0", " 1", "", str(2**63)])
@pytest.mark.parametrize("decimals", [False, True])
def test_one_text_that_would_not_read_back_makes_all_text(odd: str, decimals: bool) -> None:
    texts, values, _ = texts_in_order(pl.Series(["7", odd]), typed=False, decimals=decimals, what="x")
    assert texts.to_list() == values.tolist() == sorted(["7", odd])
    numbers = texts_in_order(pl.Series(["7", "-12"]), typed=False, decimals=decimals, what="x")[1]
    assert numbers.tolist() == [-12, 7]
    assert numbers.dtype.kind == "i"


def test_decimals_are_numbers_where_each_is_written_as_it_is_read() -> None:
    assert texts_in_order(pl.Series(["2", "1.5"]), typed=False, decimals=True, what="x")[1].tolist() == [1.5, 2.0]
    assert texts_in_order(pl.Series(["2", "1.5"]), typed=True, decimals=True, what="x")[1].tolist() == ["1.5", "2"]
    assert texts_in_order(pl.Series(["2", "1.50"]), typed=False, decimals=True, what="x")[1].tolist() == ["1.50", "2"]
