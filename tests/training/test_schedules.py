from __future__ import annotations

import math

import pytest

import recframe
from recframe.training.schedules import Schedule, learning_rate

STEPS = 20


def _rates(*overrides: str) -> list[float]:
    """The learning rate of each step of two epochs."""
    rate = learning_rate(recframe.compose(["train.epochs=2", "train.learning_rate=0.1", *overrides]).train, STEPS)
    return [float(rate(step)) if isinstance(rate, Schedule) else rate for step in range(2 * STEPS)]


def test_a_constant_rate_is_a_number_so_that_the_optimizer_keeps_no_schedule() -> None:
    assert learning_rate(recframe.compose(["train.learning_rate=0.1"]).train, STEPS) == 0.1


def test_the_warm_up_rises_in_equal_steps_and_the_rate_then_stays() -> None:
    rates = _rates("train.warmup_epochs=0.5")
    assert rates[:10] == pytest.approx([0.01 * step for step in range(1, 11)])
    assert rates[10:] == pytest.approx([0.1] * 30)


def test_a_cosine_falls_from_the_end_of_the_warm_up_to_the_end_of_training() -> None:
    rates = _rates("train.warmup_epochs=0.5", "train.schedule=cosine")
    expected = [0.05 * (1 + math.cos(math.pi * step / 30)) for step in range(30)]
    assert rates[10:] == pytest.approx(expected, rel=1e-5)
    assert rates[-1] < 0.001


def test_a_warm_up_longer_than_training_ends_below_the_rate() -> None:
    assert max(_rates("train.warmup_epochs=4", "train.schedule=cosine")) == pytest.approx(0.05)
