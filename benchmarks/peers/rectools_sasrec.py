"""RecTools' SASRec with its full softmax: 2 blocks, 4 heads; 64 factors and sessions of 50 instead of 256 and 100."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
from pytorch_lightning import Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

from benchmarks.peers.protocol import TRAIN, VALIDATION, Curve, K, Split, run


def dataset(split: Split, *parts: int) -> Dataset:
    user, item = split.pairs(*parts)
    order = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(len(user)), unit="s")
    columns = {Columns.User: user, Columns.Item: item, Columns.Weight: 1.0, Columns.Datetime: order}
    return Dataset.construct(pd.DataFrame(columns))


def trainer() -> Trainer:
    return Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def contend(split: Split, curve: Curve, seed: int, epochs: int) -> None:
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    seed_everything(seed, verbose=False)
    model = SASRecModel(n_factors=64, session_max_len=50, get_trainer_func=trainer)
    training, before = dataset(split, TRAIN), dataset(split, TRAIN, VALIDATION)

    def lists() -> np.ndarray:
        frame = model.recommend(np.arange(split.users), before, K, filter_viewed=True)
        best = np.full((split.users, K), -1)
        best[frame[Columns.User], frame[Columns.Rank] - 1] = frame[Columns.Item]
        return best

    for _ in range(epochs):
        model.fit_partial(training, min_epochs=1, max_epochs=1)
        curve.point(lists)


if __name__ == "__main__":
    run(contend)
