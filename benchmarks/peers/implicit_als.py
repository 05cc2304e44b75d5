"""implicit's alternating least squares, with its defaults (100 factors, regularisation 0.01, 15 iterations)."""

from __future__ import annotations

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from benchmarks.peers.protocol import TRAIN, VALIDATION, Curve, Split, best_items, run


def matrix(split: Split, *parts: int) -> csr_matrix:
    """1 for each item that a user had, float32 [users, items]."""
    user, item = split.pairs(*parts)
    counts = csr_matrix((np.ones(len(user), np.float32), (user, item)), shape=(split.users, split.items))
    counts.data[:] = 1
    return counts


def contend(split: Split, curve: Curve, seed: int, epochs: int) -> None:
    model = AlternatingLeastSquares(random_state=seed, iterations=epochs, use_gpu=False)
    before, histories = matrix(split, TRAIN, VALIDATION), split.histories()

    def lists() -> np.ndarray:
        now = AlternatingLeastSquares(use_gpu=False)  # a model keeps products of its first factors
        now.item_factors = model.item_factors
        users = now.recalculate_user(np.arange(split.users), before)
        return best_items(users @ model.item_factors.T, histories)

    model.fit(matrix(split, TRAIN), show_progress=False, callback=lambda *_: curve.point(lists))


if __name__ == "__main__":
    run(contend)
