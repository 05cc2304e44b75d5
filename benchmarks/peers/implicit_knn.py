"""implicit's item-kNN by cosine, with its default of 20 neighbours."""

from __future__ import annotations

from implicit.nearest_neighbours import CosineRecommender

from benchmarks.peers.implicit_als import matrix
from benchmarks.peers.protocol import TRAIN, VALIDATION, Curve, Split, best_items, run


def contend(split: Split, curve: Curve, seed: int, epochs: int) -> None:
    model = CosineRecommender()
    model.fit(matrix(split, TRAIN), show_progress=False)
    before = matrix(split, TRAIN, VALIDATION)
    curve.point(lambda: best_items((before @ model.similarity).toarray(), split.histories()))


if __name__ == "__main__":
    run(contend)
