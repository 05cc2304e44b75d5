"""A model that is told the moment of asking beats one that is not, where the hour decides."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recframe.runtime import Bundle
from tests.delivery.plain import Target, figures, rank_in
from tests.delivery.sets import HOUR, ITEM_FEATURE, MOMENT, SETS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mode", ["positions", "windows"])
def test_the_hour_tells_what_comes_next(tmp_path: Path, mode: str) -> None:
    hours = next(one for one in SETS if one.name == HOUR)
    overrides, recalls = hours.write(tmp_path), {}
    for name, chosen in (("told", overrides), ("not told", [one for one in overrides if one != MOMENT])):
        command = [sys.executable, "-m", "recframe", "dataset=tabular", ITEM_FEATURE, *chosen, f"train.mode={mode}"]
        command += ["train.epochs=15", "model.width=16", f"hydra.run.dir={tmp_path / name}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        metrics = json.loads((tmp_path / name / "metrics.json").read_text(encoding="utf-8"))
        recalls[name] = metrics["test"]["recall@10"]
    assert recalls["told"] > recalls["not told"] + 0.2, recalls
    targets, bundle = hours.expect(tmp_path).test, Bundle(tmp_path / "told" / "export")
    assert _recall(bundle, targets, 0) == pytest.approx(recalls["told"])
    # Had all happened half a day later, the same bundle would recommend what nobody wanted.
    assert _recall(bundle, targets, 12 * 3600) < recalls["told"] - 0.2
    for time, seconds in (("1970-01-02T08:00", 115_200), ("1970-01-02T20:00", 158_400)):
        command = [sys.executable, "-m", "recframe", "recommend", str(tmp_path / "told" / "export")]
        command += ["--history", targets[0].history[-1], "--now", time]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        listed = [line.split()[1] for line in done.stdout.splitlines()[2:]]
        assert listed == [item.id for item in bundle.recommend(targets[0].history[-1:], now=seconds)]


def _recall(bundle: Bundle, targets: list[Target], later: int) -> float:
    """recall@10 of the bundle, asked so many seconds later."""
    ranks = []
    for target in targets:
        times = [time + later for time in target.times]
        answer = bundle.recommend(target.history, 10, timestamps=times, now=target.now + later)
        ranks.append(rank_in([item.id for item in answer], target.item))
    return figures(ranks)["recall@10"]
