"""A run is evaluated and exported only with the data that it was trained on, also with a table in Python."""

from __future__ import annotations

import logging
from pathlib import Path

import polars as pl
import pytest

import recframe
from recframe import load_run
from recframe.builtin.datasets.tabular import from_table
from recframe.errors import DataError, SpecError

SMALL = [
    "groups.history.features.item.type=string",
    "evaluation.top_k=[1,3]",
    "model.num_predictions=3",
    "model.width=4",
    "model.history_length=4",
    "train.epochs=0",
]
ROWS = [(f"u{user}", f"i{(user * 3 + step) % 9}") for user in range(12) for step in range(5)]


def _table() -> pl.DataFrame:
    return pl.DataFrame(ROWS, schema=["user", "item"], orient="row")


def test_a_run_is_found_from_anywhere_and_refuses_other_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, elsewhere = tmp_path / "shop", tmp_path / "elsewhere"
    shop.mkdir()
    elsewhere.mkdir()
    _table().write_csv(shop / "sales.csv")
    monkeypatch.chdir(shop)
    spec = recframe.compose(["dataset=tabular", "dataset.path=sales.csv", *SMALL])
    run = recframe.train(spec, Path("run"))
    assert {"there is no column 'timestamp'"} <= {note.partition(":")[0] for note in run.metrics["notes"]}
    assert set(run.metrics["baselines"]) == {"popularity", "markov", "cooccurrence"}  # the data has no times
    assert run.metrics["split"]["seed"] == 1
    monkeypatch.chdir(elsewhere)
    lines: list[str] = []
    again = load_run(Path("../shop/run"), lines.append)
    assert again.data.sha256() == run.data.sha256()
    assert set(lines) >= set(run.metrics["notes"])
    assert Path.cwd() == elsewhere
    with (shop / "sales.csv").open("a") as sales:
        sales.write("u1,new\n")
    with pytest.raises(SpecError, match=r"has changed since the run was trained.*train\.warm_start"):
        load_run(shop / "run")


def test_a_table_in_python_is_trained_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "recframe"):
        run = recframe.train(recframe.compose(SMALL), tmp_path / "run", data=from_table(_table()))
    assert "there is no column 'timestamp'" in caplog.text
    assert (run.metrics["counts"]["users"], run.metrics["counts"]["items"]) == (12, 9)
    assert len(run.recommend(["i1"], k=3)) == 3
    with pytest.raises(SpecError, match="has changed since the run was trained"):
        load_run(tmp_path / "run")  # the spec's own dataset is another one


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("split=temporal", "split=temporal needs the time of each event, but this data has only an order"),
        ("groups.history.features.hour={type: int, source: hour}", "'hour' needs the time of each event"),
    ],
)
def test_an_order_is_no_time(override: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        recframe.train(recframe.compose([*SMALL, override]), data=from_table(_table()))
