"""Encoders on the real MovieLens set: far better than popularity. The longest tests, so they are started first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commands.test_runs import Recframe, train_on_movielens


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        # Several times the default learning rate gets there in a tenth of the default's epochs.
        ["encoder=lstm", "train.epochs=3", "train.learning_rate=0.03"],
        ["encoder=bow", "train.epochs=4", "train.learning_rate=0.02", "model.history_length=10"],
        ["train.epochs=4", "train.learning_rate=0.02"],  # cnn, by default
    ],
    ids=["lstm", "bow", "default"],
)
def test_an_encoder_beats_popularity_on_the_real_set(overrides: list[str], tmp_path: Path, recframe: Recframe) -> None:
    """RECFRAME_TEST_DATA names a folder with ml-latest-small."""
    data = os.environ.get("RECFRAME_TEST_DATA")
    if not data or not (Path(data) / "ml-latest-small").is_dir():
        pytest.skip("RECFRAME_TEST_DATA is not set: the real MovieLens set is not tested")
    metrics = train_on_movielens(
        recframe, f"{data}/ml-latest-small", *overrides, "evaluation.baselines=[popularity]", folder=tmp_path
    )
    for name in ("recall@10", "ndcg@10"):
        assert metrics["test"][name] >= 1.5 * metrics["baselines"]["popularity"][name]
