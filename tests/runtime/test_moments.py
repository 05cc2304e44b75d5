"""Inputs of scope `now`: an app makes of the moment of asking what training made of the time of the target."""

from __future__ import annotations

import functools
import tempfile
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe import Run
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.runtime import Bundle, BundleError
from recframe.runtime.check import BundleProblems, check_bundle
from recframe.runtime.schema import manifest_schema
from tests.runtime.bundles import rewrite
from tests.runtime.moment_runs import NOW, moment_run


@functools.cache
def _exported() -> tuple[Run, Path]:
    """With its gates: an app makes the inputs of training, and the exported models answer as the trained one."""
    run = moment_run(
        "export.variants=[float32,int8]",
        "export.max_recall_drop=1",
        "groups.history.features.at.source=hour",
        "groups.history.features.at.type=int",
    )
    return run, run.export(Path(tempfile.mkdtemp()) / "bundle")


@functools.cache
def _bundle() -> Bundle:
    return Bundle(_exported()[1])


def _before(run: Run, target: int) -> tuple[list[int], list[int]]:
    """Label ids and times of all the events before a target."""
    data = run.data.interactions
    events = np.arange(data.offsets[run.data.users[target]], target)
    return run.data.labels[events].tolist(), data.timestamp[events].tolist()


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_the_inputs_are_those_of_training(data: st.DataObject) -> None:
    run, _ = _exported()
    target = data.draw(st.sampled_from(run.data.targets(TEST).tolist()))
    labels, times = _before(run, target)
    expected = histories(run.data, np.array([target]))
    made = _bundle().inputs(labels, timestamps=times, now=int(run.data.interactions.timestamp[target]))
    for name, values in expected.items():
        np.testing.assert_array_equal(made[name], values, err_msg=name)
        assert made[name].dtype == values.dtype


def test_the_bundle_recommends_what_the_model_does() -> None:
    run, _ = _exported()
    for target in run.data.targets(TEST)[:5].tolist():
        labels, times = _before(run, target)
        scores = np.array(run.model.scores(histories(run.data, np.array([target]))))[0]
        left_out = [0, *labels] if run.data.exclude_seen else [0]
        scores[left_out] = -np.inf
        history, now = [_bundle().labels[label] for label in labels], int(run.data.interactions.timestamp[target])
        answer = _bundle().recommend(history, 7, timestamps=times, now=now)
        assert [item.id for item in answer] == [_bundle().labels[i] for i in np.argsort(-scores)[:7]]
        assert _bundle().recommend_batch([history], 7, timestamps=[times], now=[now]) == [answer]


def test_the_hour_changes_the_answer() -> None:
    history, day = [_bundle().labels[1]], 1_700_006_400
    answers = {tuple(item.id for item in _bundle().recommend(history, now=day + hour * 3600)) for hour in range(24)}
    assert len(answers) > 1


def test_the_manifest_says_what_a_moment_is() -> None:
    jsonschema.validate(_bundle().manifest, manifest_schema())
    specs = {spec["name"]: spec for spec in _bundle().manifest["inputs"]}
    for name in NOW:
        assert (specs[name]["scope"], specs[name]["shape"], specs[name]["steps"]) == ("now", [1, 1], None)
    assert {name: specs[name]["unit"].split()[0] for name in NOW} == {
        "hour": "hours",
        "day": "days",
        "noon": "hours",
        "gap": "seconds",
        "pause": "seconds",
    }
    defaults = {name: specs[name]["default"] for name in NOW}
    assert defaults["gap"] == defaults["pause"] > 0
    assert [defaults[name] for name in ("hour", "day", "noon")] == [None] * 3
    assert "unit" not in specs["at"]


def test_the_present_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.7)
    labels, times = [1, 2], [1_600_000_000, 1_600_003_600]
    for more in ({}, {"timestamps": times}):
        present, same = (_bundle().inputs(labels, **more, **now) for now in ({}, {"now": 1_700_000_000}))
        for name, values in present.items():
            np.testing.assert_array_equal(values, same[name])
    assert not set(NOW) & set(_bundle().unknown_inputs)


def test_without_a_last_time_the_gap_is_the_manifests_default() -> None:
    default = next(spec["default"] for spec in _bundle().manifest["inputs"] if spec["name"] == "gap")
    now = 1_700_000_000
    usual = _bundle().inputs([1], timestamps=[now - int(default)], now=now)
    for unknown in (_bundle().inputs([1], now=now), _bundle().inputs([], timestamps=[], now=now)):
        for name in NOW:
            np.testing.assert_array_equal(unknown[name], usual[name])
    # The clock of the device may be behind that of the history.
    early, none = (_bundle().inputs([1], timestamps=[at], now=now) for at in (now + 500, now))
    np.testing.assert_array_equal(early["gap"], none["gap"])


def test_a_value_in_place_of_the_clocks() -> None:
    inputs = _bundle().inputs([1], {"hour": [5], "day": [None]}, now=1_700_000_000)
    assert _bundle().vocabularies["hour"][inputs["hour"].item()] == "5"
    assert inputs["day"].item() == 0
    with pytest.raises(BundleError, match="input 'hour': expected one value, of the moment, got 2"):
        _bundle().inputs([1, 2], {"hour": [5, 6]})


@pytest.mark.parametrize("now", ["noon", True, float("nan"), float("inf"), [1_700_000_000]])
def test_a_moment_is_a_number_of_seconds(now: Any) -> None:
    with pytest.raises(BundleError, match="now: expected Unix seconds, got "):
        _bundle().recommend(["101"], now=now)


def test_the_golden_questions_name_their_moment() -> None:
    """So that the bundle answers next year as it does now."""
    _, folder = _exported()
    replays = check_bundle(folder)
    assert [replay.problem for replay in replays] == ["", ""]


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("golden.json", lambda golden: golden[3]["questions"][0].update(now=1), "the question of entry 3 gives other"),
        ("golden.json", lambda golden: golden[3]["questions"][0].update(now="x"), "entry 3: ValueError"),
        ("manifest.json", lambda m: _entry(m, "gap").update(default=None), "'gap'.: default cannot be null"),
        ("manifest.json", lambda m: _entry(m, "gap").update(source="price"), "source 'price' is not known of the mom"),
    ],
)
def test_a_changed_moment_is_noticed(file: str, change: Any, words: str, tmp_path: Path) -> None:
    folder = moment_run("model.width=4").export(tmp_path / "bundle")
    rewrite(folder, file, change)
    with pytest.raises((BundleProblems, BundleError), match=words):
        check_bundle(folder)


def _entry(manifest: Any, name: str) -> Any:
    return next(entry for entry in manifest["inputs"] if entry["name"] == name)


@pytest.mark.parametrize("batch", ["3", "dynamic", "model_maker"])
def test_other_batches_and_private_bundles_have_moments_too(batch: str, tmp_path: Path) -> None:
    folder = moment_run("model.width=4", f"export.batch={batch}", "export.private=true").export(tmp_path / "bundle")
    assert [replay.problem for replay in check_bundle(folder)] == [""]
    answers = [Bundle(folder).recommend(["101"], now=1_700_000_000 + 3600 * hour) for hour in (0, 12)]
    assert len(answers[0]) == 7
