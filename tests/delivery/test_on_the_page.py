"""The page delivers what metrics.json reports of it: asked in a browser about every test target."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recframe.plugin.manager import load_plugins
from tests.delivery.plain import figures, rank_in
from tests.delivery.sets import HOUR, ITEM_FEATURE, SETS

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in BROWSERS if (path := shutil.which(name))), None)
ASK = """async (histories) => {
    const { Model, fetchAll } = await import("./model.js");
    const { InputMaker } = await import("./inputs.js");
    const { data, model, wasm } = await fetchAll(() => {});
    const { unloadLiteRt } = await import("./litert/litert.js");
    unloadLiteRt();
    const compiled = await Model.compile(model, wasm, data);
    const maker = new InputMaker(data);
    const answers = [];
    for (const [items, now] of histories) {
        const labels = items.map((item) => data.labels.indexOf(item, 1));
        const { ids } = await compiled.recommend(maker.make(labels, labels.map(() => null), now), labels);
        answers.push(ids.filter((id) => id > 0).map((id) => data.labels[id]));
    }
    return answers;
}"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("web" not in load_plugins().exporters.names(), reason="recframe-web is not installed"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM)
        yield opened
        opened.close()


@pytest.mark.parametrize("name", ["repeats", "long histories", "side features", HOUR])
def test_the_page_delivers_what_is_reported(browser: Any, tmp_path: Path, name: str) -> None:
    made_up = next(one for one in SETS if one.name == name)
    overrides = made_up.write(tmp_path)
    feature = [] if any(text.startswith("groups=") for text in overrides) else [ITEM_FEATURE]
    command = [sys.executable, "-m", "recframe", "dataset=tabular", *feature, *overrides, "train.epochs=3"]
    command += ["model.width=8", "evaluation.top_k=[10]", "exporters=[tflite,web]", f"hydra.run.dir={tmp_path / 'run'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reported = json.loads((tmp_path / "run/metrics.json").read_text(encoding="utf-8"))["exports"]["web/float32"]
    expected = made_up.expect(tmp_path)
    demo = pytest.importorskip("recframe_web.demo")
    with demo.Server(tmp_path / "run/export", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        page = browser.new_page()
        page.goto(f"{server.url}web/")
        page.wait_for_selector("#main:not([hidden])", timeout=60_000)
        answers = page.evaluate(ASK, [[target.history, target.now] for target in expected.test])
        page.close()
        server.shutdown()
        thread.join()
    for answer, target in zip(answers, expected.test, strict=True):
        assert not expected.exclude_seen or not set(answer) & set(target.history)
        assert len(answer) == min(10, len(expected.items - set(target.history) if expected.exclude_seen else answer))
    ranks = [rank_in(answer, target.item) for answer, target in zip(answers, expected.test, strict=True)]
    for figure, value in figures(ranks).items():
        assert reported[figure] == pytest.approx(value, abs=1e-9), figure
