"""Codes of values that come in batches, against NumPy on all of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recframe.builtin.datasets.tabular.codes import CLOSE, Coder

BATCHES = {
    "close together": [[3, 1], [2, 3], [-5]],
    "further apart with the second batch": [[3, 1], [CLOSE + 1, 3], [2]],
    "beyond int32": [[2**40, 7], [7, 2**40 + 1]],
    "close together, and then beyond int32": [[7, 9], [9, 2**40], [8, 7]],
    "at the ends of int32": [[2**31 - 1, 2**31 - 2], [2**31 - 1]],
    "below int32": [[-(2**31), 5 - 2**31], [-(2**31)]],
}


@pytest.mark.parametrize("batches", BATCHES.values(), ids=BATCHES)
def test_whole_numbers_get_the_codes_of_numpy(batches: list[list[int]]) -> None:
    coder = Coder("column 'user'", typed=True)
    for batch in batches:
        coder.add(pl.Series(batch, dtype=pl.Int64), str)
    column = coder.finish()
    values, codes = np.unique(np.concatenate([np.array(batch, np.int64) for batch in batches]), return_inverse=True)
    assert (column.values.dtype, column.index.dtype) == (np.int64, np.int32)
    assert column.values.tolist() == values.tolist()
    assert column.index.tolist() == codes.tolist()


def test_text_after_numbers_makes_text_of_all() -> None:
    coder = Coder("column 'user'", typed=False)
    for batch in (pl.Series([10, 9]), pl.Series(["a", "9"]), pl.Series([10])):
        coder.add(batch, str)
    column = coder.finish()
    assert column.values[column.index].tolist() == ["10", "9", "a", "9", "10"]
