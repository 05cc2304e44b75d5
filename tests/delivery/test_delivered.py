"""Reported is delivered: metrics.json of real runs beside a plain computation from the files and the exports' answers.

Each set is trained on by the command line, exported by every exporter in every number format, and asked as an app asks,
with code that is not recframe's (plain.py, sets.py). Figures must be equal to the last target.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recframe.plugin.manager import load_plugins
from recframe.runtime import Bundle
from tests.builtin.exporters.android_app import App as AndroidApp
from tests.delivery.plain import App, Target, figures, popularity_ranks, rank_in
from tests.delivery.sets import ITEM_FEATURE, SETS, Expected, MadeUp, popularity

pytestmark = pytest.mark.slow

VARIANTS = "export.variants=[float32,float16,int8,int4]"
FORMATS = [name for name in ("tflite", "saved_model", "onnx") if name in load_plugins().exporters.names()]
#: TensorFlow's Android sample has movies to give and no more, and reads the first of a history that is too long.
ON_ANDROID = ("repeats", "equal times", "cold users")
SMALL = ["train.epochs=4", "model.width=8", "evaluation.top_k=[10]", "export.max_recall_drop=1", VARIANTS]


@dataclass
class Finished:
    """A run of the command line, and what is right of its data."""

    expected: Expected
    metrics: Mapping[str, Any]
    bundle: Path
    printed: str
    formats: list[str]


@pytest.fixture(scope="module", params=SETS, ids=lambda made_up: made_up.name)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    made_up: MadeUp = request.param
    folder = tmp_path_factory.mktemp("set")
    overrides = made_up.write(folder)
    feature = [] if any(text.startswith("groups=") for text in overrides) else [ITEM_FEATURE]
    command = [sys.executable, "-m", "recframe", "dataset=tabular", *feature, *SMALL, *overrides]
    formats = [*FORMATS, *(["android"] if made_up.name in ON_ANDROID else [])]
    command += [f"exporters=[{','.join(formats)}]", f"hydra.run.dir={folder / 'run'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((folder / "run/metrics.json").read_text(encoding="utf-8"))
    return Finished(made_up.expect(folder), metrics, folder / "run/export", done.stderr + done.stdout, formats)


def test_the_targets_and_the_setting_are_those_of_the_files(run: Finished) -> None:
    expected, metrics = run.expected, run.metrics
    assert metrics["counts"]["test"] == len(expected.test)
    assert metrics["counts"]["items"] == len(expected.items)
    assert metrics["exclude_seen"]["excluded"] == expected.exclude_seen
    assert metrics["exclude_seen"]["unreachable"]["test"] == expected.unreachable
    notes = "\n".join(metrics["notes"])
    assert ("count as missed" in notes) == bool(expected.unreachable)
    for note in expected.notes:
        assert note in notes
    assert all(note in run.printed for note in metrics["notes"])


def test_popularity_is_what_counting_gives(run: Finished) -> None:
    expected, counts = run.expected, popularity(run.expected)
    reported = run.metrics["baselines"]["popularity"]
    ranks = popularity_ranks(counts, expected.items, expected.test, expected.exclude_seen)
    other = popularity_ranks(counts, expected.items, expected.test, not expected.exclude_seen)
    name = "with_seen" if expected.exclude_seen else "without_seen"
    for figure, value in figures(ranks).items():
        assert reported[figure] == pytest.approx(value, abs=1e-9)
    for figure, value in figures(other).items():
        assert reported[name][figure] == pytest.approx(value, abs=1e-9)


def test_every_export_delivers_what_is_reported(run: Finished) -> None:
    exports = run.metrics["exports"]
    assert len(exports) == len(run.formats) + 3  # the other number formats are LiteRT's
    models = {
        model["name"]: model["path"] for model in json.loads((run.bundle / "manifest.json").read_text())["models"]
    }
    assert models.keys() == exports.keys()
    for name, reported in exports.items():
        if name == "android/float32":
            continue
        app = App(run.bundle, _runner(run.bundle / models[name]))
        answers = [app.recommend(target) for target in run.expected.test]
        _require_right(answers, run.expected)
        pairs = zip(answers, run.expected.test, strict=True)
        delivered = figures([rank_in(answer, target.item) for answer, target in pairs])
        for figure, value in delivered.items():
            assert reported[figure] == pytest.approx(value, abs=1e-9), (name, figure)
            trained = run.metrics["test"][figure]
            assert reported[f"{figure}_drop"] == pytest.approx((trained - value) / trained if trained else 0, abs=1e-9)
            if name.endswith("/float32"):
                assert trained == pytest.approx(value, abs=1e-9), (name, figure)
        if name.startswith("tflite/"):
            bundle = Bundle(run.bundle, name)
            for target, answer in zip(run.expected.test, answers, strict=True):
                moment = {"timestamps": target.times, "now": target.now} if target.times else {}
                items = bundle.recommend(target.history, given=target.values, **moment)
                assert [item.id for item in items] == answer


def test_the_android_sample_delivers_what_is_reported(run: Finished) -> None:
    if "android" not in run.formats:
        pytest.skip("the sample cannot give this model its inputs")
    sample, labels = AndroidApp(run.bundle / "android"), App(run.bundle, lambda name, arrays: {}).label_of
    ranks = [
        rank_in(sample.results([labels[item] for item in target.history]), labels[target.item])
        for target in run.expected.test
    ]
    reported = run.metrics["exports"]["android/float32"]
    for figure, value in figures(ranks).items():
        assert reported[figure] == pytest.approx(value, abs=1e-9), figure


def _require_right(answers: list[list[str]], expected: Expected) -> None:
    for answer, target in zip(answers, expected.test, strict=True):
        left = expected.items - set(target.history) if expected.exclude_seen else expected.items
        assert set(answer) <= left
        assert len(answer) == len(set(answer)) == min(10, len(left))


def _runner(path: Path) -> Callable[[str, Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]:
    if path.suffix == ".tflite":
        from ai_edge_litert.interpreter import Interpreter

        signatures = {name: Interpreter(str(path)).get_signature_runner(name) for name in ("serving_default", "scores")}
        return lambda name, arrays: signatures[name](**arrays)
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        outputs = {"serving_default": ["top_prediction_ids"], "scores": ["scores"]}
        return lambda name, arrays: dict(zip(outputs[name], session.run(outputs[name], dict(arrays)), strict=True))
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))

    def run(name: str, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        answer = loaded.signatures[name](**{key: tf.constant(values) for key, values in arrays.items()})
        return {key: values.numpy() for key, values in answer.items()}

    return run


def test_the_plain_code_can_fail(run: Finished) -> None:
    """A target that is missed once more changes the figure."""
    ranks = [rank_in([target.item], target.item) for target in run.expected.test]
    assert figures(ranks)["recall@10"] == 1
    assert figures([None, *ranks[1:]])["recall@10"] < 1
    assert Target("a", ["b"]).values == {}
