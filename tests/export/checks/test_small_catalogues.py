"""A user who has seen everything is answered with nothing, and catalogues of a handful of items are exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import recframe
from recframe import train
from recframe.builtin.datasets.tabular import from_table
from recframe.export.checks.parity import compare, require_equal
from recframe.export.graph.serving import NEVER
from recframe.plugin.exporting import Answers
from recframe.runtime import Bundle
from recframe.runtime.check import check_bundle
from recframe.runtime.ranking import share_kept


def test_nothing_expected_and_nothing_answered_is_agreement() -> None:
    nothing = np.zeros((2, 3), np.int32), np.full((2, 3), NEVER, np.float32)
    histories = {"item": np.ones((2, 4), np.int32)}
    figures = compare(Answers(*nothing), lambda inputs: Answers(*(part[:1] for part in nothing)), histories)
    assert figures["overlap"] == 1.0
    require_equal("model", figures, 1e-5)


def test_something_answered_where_nothing_is_expected_is_refused() -> None:
    nothing = Answers(np.zeros((1, 3), np.int32), np.full((1, 3), NEVER, np.float32))
    something = Answers(np.array([[2, 0, 0]], np.int32), np.array([[1.0, NEVER, NEVER]], np.float32))
    figures = compare(nothing, lambda inputs: something, {"item": np.ones((1, 4), np.int32)})
    assert figures["overlap"] == 0.0
    with pytest.raises(recframe.ExportError, match="does not answer as the trained model does"):
        require_equal("model", figures, 1e-5)


@pytest.mark.parametrize(
    ("expected", "answered", "share"), [([], [], 1.0), ([], [1], 0.0), ([1, 2], [], 0.0), ([1, 2], [2, 3], 0.5)]
)
def test_the_share_that_is_kept(expected: list[int], answered: list[int], share: float) -> None:
    assert share_kept(expected, answered) == share


@pytest.mark.slow
@pytest.mark.parametrize(("items", "epochs"), [(1, 1), (2, 0), (20, 0)])
def test_a_catalogue_of_few_items_is_exported_and_answers(items: int, epochs: int, tmp_path: Path) -> None:
    rows = [(user, (user + step) % items, step) for user in range(25) for step in range(max(6, items - 2))]
    data = from_table(pl.DataFrame(rows, schema=["user", "item", "timestamp"], orient="row"))
    overrides = [
        f"train.epochs={epochs}",
        "model.width=8",
        "exporters=[tflite,saved_model,android]",
        "exclude_seen=true",
    ]
    spec = recframe.compose([*overrides, "export.variants=[float32,int8]", "groups.history.features.item.type=string"])
    folder = train(spec, None, data=data).export(tmp_path / "export")
    assert [replay.problem for replay in check_bundle(folder)] == ["", ""]
    bundle = Bundle(folder)
    everything = [str(item) for item in range(items)]
    assert bundle.recommend(everything) == []
    assert [item.id for item in bundle.recommend(everything[1:])] == ["0"]
    assert {item.id for item in bundle.recommend([])} <= set(everything)


@pytest.mark.slow
def test_users_who_have_seen_the_whole_catalogue(tmp_path: Path) -> None:
    sizes = ["dataset.users=60", "dataset.items=10", "dataset.events_per_user=30", "train.epochs=0"]
    for seen in ("true", "auto"):
        run = recframe.train(recframe.compose([*sizes, f"exclude_seen={seen}", "export.batch=4"]))
        assert [replay.problem for replay in check_bundle(run.export(tmp_path / seen))] == [""]
