"""Batches from arrays: every example occurs once, and the last batch is padded with rows of weight 0."""

from __future__ import annotations

import numpy as np

from recframe.data.column_examples import ColumnExamples

COLUMNS, LABELS = {"a": np.arange(10, 15)[:, None]}, np.array([1, 0, 2, 2, 4], np.int32)


def test_every_example_once_and_only_those_with_a_label_weigh() -> None:
    for shuffle in (False, True):
        batches = list(ColumnExamples(COLUMNS, LABELS, 5, shuffle).batches(2, False, np.random.default_rng(3)))
        assert [len(batch.labels) for batch in batches] == [2, 2, 2]
        rows = [
            (int(value), int(label))
            for batch in batches
            for (value,), label, weight in zip(batch.features["a"], batch.labels, batch.weights, strict=True)
            if weight
        ]
        expected = [(10, 1), (12, 2), (13, 2), (14, 4)]
        assert rows != expected if shuffle else rows == expected
        assert sorted(rows) == expected


def test_steps_and_counts() -> None:
    examples = ColumnExamples(COLUMNS, LABELS, 6, max_steps=2)
    assert examples.label_counts.tolist() == [1, 1, 2, 0, 1, 0]
    assert len(list(examples.batches(2, False, np.random.default_rng(0)))) == examples.steps(2, False) == 2
    assert ColumnExamples(COLUMNS, LABELS, 6).steps(2, False) == 3
