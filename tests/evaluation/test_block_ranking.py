"""Ranks of labels among the items."""

from __future__ import annotations

import numpy as np

from recframe.evaluation.block_ranking import label_ranks


def test_label_ranks() -> None:
    scores = np.array([[9, 3, 1, 2], [9, 1, 1, 1], [9, 5, 7, np.nan]], np.float32)
    known = np.array([False, True, True, True])
    # The first is the best of three; ties, and what is no number, count against the label; padding never does.
    assert label_ranks(scores, np.array([1, 2, 1]), known).tolist() == [1, 3, 3]
    # What is no item stands behind all that are.
    assert label_ranks(scores, np.array([0, 3, 2]), known & (np.arange(4) != 3)).tolist() == [3, 3, 1]
