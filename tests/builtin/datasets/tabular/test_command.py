"""`dataset=tabular` through the command line, from a shop's files to a bundle that recommends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from recframe.runtime import Bundle
from tests.builtin.datasets.tabular.tables import events, write

Recframe = Callable[..., subprocess.CompletedProcess[str]]

SMALL = ["train.epochs=1", "model.width=8", "model.history_length=5", "export.parity_histories=20", "hydra.run.dir=run"]
TABULAR = "dataset=tabular"
TOP = ["evaluation.top_k=[1,3]", "model.num_predictions=3"]
TEXT = "groups.history.features.item.type=string"


def _process(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recframe", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_from_files_to_a_bundle(tmp_path: Path) -> None:
    frame = events().rename({"user": "uid"})
    for number in range(3):
        write(frame[30 * number : 30 * number + 30], tmp_path / f"sales/{number}.parquet")
    items = pl.DataFrame({"item": frame["item"].unique().sort()}).with_columns(title=pl.lit("Item ") + pl.col("item"))
    write(items, tmp_path / "items.csv")
    columns = ["dataset.path=sales", "dataset.columns.user=uid", "dataset.items=items.csv"]
    done = _process(TABULAR, *columns, TEXT, "exclude_seen=true", *SMALL, *TOP, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "recall@3" in json.loads((tmp_path / "run/metrics.json").read_text())["test"]
    recommended = Bundle(tmp_path / "run/export").recommend(history=[items["item"][0], items["item"][1]], k=3)
    assert {item.id for item in recommended} <= set(items["item"].to_list()[2:])
    assert all(item.title == f"Item {item.id}" for item in recommended)


@pytest.mark.slow
def test_data_that_is_split_already_trains(tmp_path: Path, recframe: Recframe) -> None:
    frame = events(rows=200).sort("timestamp")
    names = {"path": frame[:150], "validation": frame[150:175], "test": frame[175:]}
    paths = [f"dataset.{name}={write(part, tmp_path / f'{name}.csv')}" for name, part in names.items()]
    done = recframe(TABULAR, *paths, TEXT, *SMALL, *TOP, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run/metrics.json").read_text())["test"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "dataset.path: must be given"),
        (["dataset.path=evnts.csv"], "the nearest name in . is 'events.csv'"),
        (["dataset.path=events.csv", "dataset.columns.user=usr"], "no column 'usr': the nearest is 'user'"),
        (["dataset.path=events.csv", "dataset.columns.usr=user"], "usr"),
        (["dataset.path=events.csv", "dataset.keep=some"], "dataset.keep: 'some' is not allowed"),
        (["dataset.path=events.csv", "dataset.min_rating=3"], "min_rating needs a column"),
        (["dataset.path=events.csv", "dataset.time_unit=ms", "dataset.columns.timestamp=device"], "is not a time"),
    ],
)
def test_mistakes_end_with_one_message(tmp_path: Path, arguments: list[str], message: str, recframe: Recframe) -> None:
    write(events(), tmp_path / "events.csv")
    done = recframe(TABULAR, *arguments, *SMALL, folder=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
