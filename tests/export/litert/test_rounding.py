"""Tables in whole numbers: every entry near, and products nearer than entries alone would make them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.export.litert import rounding
from recframe.export.litert.rounding import Rounded, for_products, nearest


def _table(seed: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A table, and vectors that lie mostly in few directions, as those of a trained model do."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(width, width)) * 0.5 ** np.arange(width)[:, None]
    return rng.normal(size=(300, width)).astype(np.float32), rng.normal(size=(200, width)) @ directions, directions


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.integers(1, 33), st.sampled_from([7, 127]), st.integers(0, 2**31))
def test_a_row_keeps_its_values_to_half_a_step(rows: int, width: int, top: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = (rng.normal(size=(rows, width)) * np.exp(rng.normal(0, 4, (rows, 1)))).astype(np.float32)
    values[rng.random(rows) < 0.2] = 0
    rounded = nearest(values, top)
    assert (rounded.codes.dtype, rounded.scales.dtype) == (np.int8, np.float32)
    assert np.abs(rounded.codes).max() <= top
    assert (rounded.scales > 0).all()
    largest = np.abs(values).max(axis=1)
    simple = np.where(largest > 0, largest, 1) / top
    error, plain = (((kept - values) ** 2).sum(axis=1) for kept in (rounded.values, _plain(values, simple, top)))
    assert (error <= plain * (1 + 1e-5) + 1e-12 * largest**2).all(), (
        "a searched factor is never worse than the simple one"
    )
    if top == 127:
        np.testing.assert_allclose(rounded.scales, simple, rtol=1e-6)
        assert (np.abs(rounded.values - values) <= 0.5001 * simple[:, None]).all()


def _plain(values: np.ndarray, scales: np.ndarray, top: int) -> np.ndarray:
    return np.asarray(np.clip(np.round(values / scales[:, None]), -top, top) * scales[:, None])


@given(st.integers(0, 2**32 - 1), st.integers(4, 24), st.sampled_from([7, 127]))
@settings(deadline=None, max_examples=30)
def test_products_come_out_closer_than_with_the_nearest_codes(seed: int, width: int, top: int) -> None:
    table, vectors, directions = _table(seed, width)
    rounded = for_products(table, top, vectors.T @ vectors / len(vectors))
    assert rounded.codes.dtype == np.int8
    assert np.abs(rounded.codes).max() <= top
    assert (rounded.scales > 0).all()
    others = np.random.default_rng(seed + 1).normal(size=(200, width)) @ directions

    def error(chosen: Rounded) -> float:
        return float(((others @ (chosen.values - table).T) ** 2).mean())

    assert error(rounded) < (0.7 if top == 7 else 1) * error(nearest(table, top))


@pytest.mark.parametrize("top", [7, 127])
def test_a_row_may_be_long(top: int) -> None:
    """As a table of positions is, which has one scale."""
    row = np.random.default_rng(1).normal(size=(1, 300_000)).astype(np.float32)
    rounded = nearest(row, top)
    assert np.abs(rounded.values - row).mean() < rounded.scales[0] / 3


def test_rows_are_rounded_alike_whatever_stands_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    table, vectors, _ = _table(5, 8)
    whole = for_products(table, 7, vectors.T @ vectors)
    monkeypatch.setattr(rounding, "_ROWS", 7)
    parts = for_products(table, 7, vectors.T @ vectors)
    np.testing.assert_array_equal(parts.codes, whole.codes)
    np.testing.assert_array_equal(parts.scales, whole.scales)


@pytest.mark.parametrize("moments", [np.zeros((8, 8)), np.full((8, 8), np.nan)], ids=["none", "no numbers"])
def test_without_vectors_codes_are_the_nearest(moments: np.ndarray) -> None:
    table, _, _ = _table(1, 8)
    np.testing.assert_array_equal(for_products(table, 7, moments).codes, nearest(table, 7).codes)


def test_a_width_of_one_has_nothing_to_make_up_with() -> None:
    table, vectors, _ = _table(2, 1)
    rounded = for_products(table, 127, vectors.T @ vectors / len(vectors))
    np.testing.assert_array_equal(rounded.codes, nearest(table, 127).codes)


def test_rows_that_are_looked_up_stay_nearer() -> None:
    table, vectors, _ = _table(3, 16)
    moments = vectors.T @ vectors / len(vectors)
    alone, read = (for_products(table, 7, moments, looked_up=looked_up) for looked_up in (False, True))

    def error(rounded: Rounded, of: np.ndarray) -> float:
        return float((((rounded.values - table) @ of) ** 2).mean())

    assert error(alone, vectors.T) < error(read, vectors.T) < error(nearest(table, 7), vectors.T)
    assert error(read, np.eye(16)) < error(alone, np.eye(16))
