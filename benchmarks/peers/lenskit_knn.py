"""LensKit's item-kNN for implicit feedback, with its default of 20 neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn import ItemKNNScorer

from benchmarks.peers.protocol import TRAIN, Curve, Split, best_items, run


def contend(split: Split, curve: Curve, seed: int, epochs: int) -> None:
    user, item = split.pairs(TRAIN)
    frame = pd.DataFrame({"user_id": user, "item_id": item}).drop_duplicates()
    model = ItemKNNScorer(feedback="implicit")
    model.train(from_interactions_df(frame, items=np.arange(split.items)))
    everything = ItemList(np.arange(split.items))
    histories = split.histories()

    def lists() -> np.ndarray:
        scores = np.full((split.users, split.items), -np.inf)
        for row, history in zip(scores, histories, strict=True):
            of_user = model(RecQuery(user_items=ItemList(history)), everything).scores()
            row[:] = np.nan_to_num(of_user, nan=-1e30)
        return best_items(scores, histories)

    curve.point(lists)


if __name__ == "__main__":
    run(contend)
