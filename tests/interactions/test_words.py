"""Columns as text, and text as whole numbers."""

from __future__ import annotations

import polars as pl
import pytest

from recframe.interactions.words import text_column, whole_numbers


def test_each_value_has_the_text_that_a_phone_makes_of_it() -> None:
    assert text_column(pl.Series([2.0, 1.5, None, 2.0])).to_list() == ["2", "1.5", None, "2"]
    assert text_column(pl.Series([0.1], dtype=pl.Float32)).to_list() == ["0.1"]
    assert text_column(pl.Series([True, None])).to_list() == ["true", None]
    assert text_column(pl.Series([7, -1])).to_list() == ["7", "-1"]


@pytest.mark.parametrize("odd", ["007", "-0", "+1", "1.0", " 1", "", str(2**63)])
def test_numbers_that_would_not_read_back_are_none(odd: str) -> None:
    assert whole_numbers(pl.Series(["7", odd])) is None
    assert whole_numbers(pl.Series(["7", None, "-12"])).to_list() == [7, None, -12]  # type: ignore[union-attr]
