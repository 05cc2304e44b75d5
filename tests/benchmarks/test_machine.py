"""Bounds are what the machine reaches: they grow with the work, and are made of its parts."""

from __future__ import annotations

import pytest

from benchmarks.machine import Work, exponential_seconds, move_seconds, processor, product_seconds


def test_a_bound_is_the_sum_of_its_parts() -> None:
    shape = (64, 32, 128)
    work = Work(products=((shape, 3.0),), exponentials=1000, moved=((4096, 2.0),))
    parts = 3 * product_seconds(shape) + 1000 * exponential_seconds() + 2 * move_seconds(4096)
    assert work.seconds() == pytest.approx(parts)


def test_a_product_of_a_hundred_times_the_work_takes_longer() -> None:
    assert product_seconds((320, 320, 320)) > product_seconds((32, 32, 320))


def test_nothing_takes_nothing() -> None:
    assert Work().seconds() == 0


def test_the_processor_has_cores() -> None:
    assert processor().endswith("cores")
