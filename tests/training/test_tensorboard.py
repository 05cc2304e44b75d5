"""Curves, read back as TensorBoard reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from recframe.training.tensorboard import open_board


def written(folder: Path) -> list[tuple[int, str, float]]:
    """Epoch, tag and value of each scalar."""
    return [
        (event.step, value.tag, float(tf.make_ndarray(value.tensor)))
        for file in folder.glob("events.out.tfevents.*")
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    ]


@pytest.mark.parametrize(
    ("prefix", "tags"), [("", ["loss", "ndcg_at_10"]), ("epoch_", ["epoch_loss", "epoch_ndcg_at_10"])]
)
def test_scalars(tmp_path: Path, prefix: str, tags: list[str]) -> None:
    board = open_board(tmp_path / "curves", prefix)
    board(1, {"loss": 2.0, "ndcg@10": 0.5})
    board(2, {"loss": 1.0})
    assert written(tmp_path / "curves") == [(1, tags[0], 2.0), (1, tags[1], 0.5), (2, tags[0], 1.0)]


def test_without_a_folder_nothing_is_written() -> None:
    open_board(None)(1, {"loss": 2.0})
