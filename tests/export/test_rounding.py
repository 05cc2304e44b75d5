from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.export.rounding import for_products, nearest


def _table(seed: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A table, and vectors that lie mostly in few directions, as those of a trained model do."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(width, width)) * 0.5 ** np.arange(width)[:, None]
    return rng.normal(size=(300, width)).astype(np.float32), rng.normal(size=(200, width)) @ directions, directions


@given(st.integers(0, 2**32 - 1), st.integers(4, 24), st.sampled_from([7, 127]))
@settings(deadline=None, max_examples=30)
def test_products_come_out_closer_than_with_the_nearest_codes(seed: int, width: int, top: int) -> None:
    table, vectors, directions = _table(seed, width)
    scales = np.abs(table).max(axis=1) / top
    codes = for_products(table, scales, top, vectors.T @ vectors / len(vectors))
    assert codes.dtype == np.int8
    assert np.abs(codes).max() <= top
    others = np.random.default_rng(seed + 1).normal(size=(200, width)) @ directions

    def error(chosen: np.ndarray) -> float:
        return float(((others @ (chosen * scales[:, None] - table).T) ** 2).mean())

    assert error(codes) < error(nearest(table, scales, top))


@pytest.mark.parametrize("moments", [np.zeros((8, 8)), np.full((8, 8), np.nan)], ids=["none", "no numbers"])
def test_without_vectors_codes_are_the_nearest(moments: np.ndarray) -> None:
    table, _, _ = _table(1, 8)
    scales = np.abs(table).max(axis=1) / 7
    np.testing.assert_array_equal(for_products(table, scales, 7, moments), nearest(table, scales, 7))


def test_a_width_of_one_has_nothing_to_make_up_with() -> None:
    table, vectors, _ = _table(2, 1)
    scales = np.abs(table).max(axis=1) / 7
    codes = for_products(table, scales, 7, vectors.T @ vectors / len(vectors))
    np.testing.assert_array_equal(codes, nearest(table, scales, 7))
