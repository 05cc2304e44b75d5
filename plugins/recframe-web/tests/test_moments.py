"""The page tells the model when it is asked, as Python does."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recframe
from recframe import Run
from recframe.data.prepare import prepare
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.runtime import Bundle

pytest.importorskip("recframe_web", reason="recframe-web is not installed: there is no npm")

HERE = Path(__file__).parent
MOMENT = (
    "groups.now={scope:now,features:{hour:{type:int},day:{type:string,source:weekday},"
    "gap:{type:float,source:time_since_previous,scale:log},pause:{type:buckets,source:time_since_previous,buckets:4}}}"
)
SMALL = ["model.history_length=5", "model.num_predictions=7", "model.width=8", "exporters=[tflite,web]"]
NIGHT = 1_700_006_400  # 00:00 UTC


@pytest.fixture(scope="module")
def bundle(vendored: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec, registries = recframe.compose([MOMENT, *SMALL]), recframe.load_plugins()
    rng = np.random.default_rng(5)
    interactions = Interactions.from_columns(
        rng.integers(0, 25, 500),
        rng.integers(0, 30, 500),
        rng.integers(1_500_000_000, 1_600_000_000, 500),
        {"id": np.arange(30) + 100, "title": np.array([f"Item {i}" for i in range(30)])},
    )
    data = prepare(spec, registries, interactions)
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return Run(spec, registries, data, model, tmp_path_factory.mktemp("run")).export()


def test_javascript_makes_the_moment_that_python_makes(bundle: Path) -> None:
    """With the time of the last event and without, at it and before it."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    rng, opened = np.random.default_rng(2), Bundle(bundle)
    cases: list[dict[str, Any]] = []
    for length in [*range(8)] * 4:
        labels, now = rng.integers(1, 31, length).tolist(), int(rng.integers(1_500_000_000, 1_800_000_000))
        away = int(rng.choice([0, 30, 5_000, 2_000_000, -60]))
        times = [now - away - 3600 * place for place in range(length)][::-1]
        cases.append({"labels": labels, "times": times if rng.random() < 0.7 else [None] * length, "now": now})
    command = ["node", HERE / "make_inputs.mjs", (bundle / "web" / "inputs.js").as_uri(), bundle / "web" / "data.json"]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    for case, made in zip(cases, json.loads(done.stdout), strict=True):
        times = None if None in case["times"] else case["times"]
        expected = opened.inputs(case["labels"], timestamps=times, now=case["now"])
        for name, values in expected.items():
            np.testing.assert_allclose(made[name], values.reshape(-1), rtol=1e-6, err_msg=name)


@pytest.mark.slow
def test_the_page_recommends_for_the_hour_of_its_clock(
    bundle: Path, browser: Any, serving: Callable[[Path], Any]
) -> None:
    """In UTC, whatever the time zone of the device is."""
    opened, shown = Bundle(bundle), []
    with serving(bundle) as address:
        for hour in (0, 6, 12, 18):
            now = NIGHT + 3600 * hour
            page = browser.new_context(timezone_id="Asia/Tokyo").new_page()
            page.clock.set_fixed_time(datetime.datetime.fromtimestamp(now, datetime.UTC))
            page.goto(address)
            page.locator("#main").wait_for(timeout=60_000)
            page.get_by_role("button", name="Try an example").click()
            page.locator("#history button").first.wait_for()
            labels = json.loads((bundle / "web" / "data.json").read_text(encoding="utf-8"))["examples"][0]
            wanted = [item.title for item in opened.recommend([opened.labels[label] for label in labels], now=now)]
            page.wait_for_function(
                "(wanted) => [...document.querySelectorAll('#recommendations .title')]"
                ".map((title) => title.innerText).join() === wanted",
                arg=",".join(map(str, wanted)),
                timeout=20_000,
            )
            shown.append(wanted)
            page.context.close()
    assert len({tuple(titles) for titles in shown}) > 1
