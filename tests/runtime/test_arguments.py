"""What cannot be asked is told in one message, whatever it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recframe.runtime import Bundle, BundleError
from recframe.runtime.inputs import FeatureInput
from recframe.runtime.ranking import require_numbers
from recframe.runtime.requests import ModelInputs, label_ids
from tests.runtime.bundles import export


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle(export(tmp_path_factory.mktemp("made") / "export"))


def _number(**statistics: float) -> FeatureInput:
    spec = {"name": "price", "shape": [1, 3], "dtype": "float32", "scope": "history", "source": "price"}
    more = {"values": "one", "steps": 3, "vocabulary": None, "statistics": statistics}
    return FeatureInput(spec | more, True, (), ("", "a"), lambda label: None)


def _several() -> FeatureInput:
    spec = {"name": "tags", "shape": [1, 3, 2], "dtype": "int32", "scope": "history", "source": "tags"}
    more = {"values": "pooled", "steps": 3, "vocabulary": "vocab/tags.txt", "statistics": {}}
    return FeatureInput(spec | more, True, ("", "x", "y"), ("", "a"), lambda label: None)


@pytest.mark.parametrize("values", [[1], "item", 5, [{"item": [1]}]])
def test_given_is_a_mapping(bundle: Bundle, values: Any) -> None:
    with pytest.raises(BundleError, match="given: expected values by input"):
        bundle.recommend(bundle.labels[1:2], given=values)


@pytest.mark.parametrize("values", [5, "12", {"a": 1}, None.__class__])
def test_the_values_of_an_input_are_a_list(bundle: Bundle, values: Any) -> None:
    with pytest.raises(BundleError, match="input 'item': expected a list of values, got"):
        bundle.recommend(bundle.labels[1:3], given={"item": values})


@pytest.mark.parametrize("name", ["given", "timestamps", "exclude", "allow"])
@pytest.mark.parametrize("column", [{"item": [1]}, "ab", 5])
def test_a_batch_has_a_list_of_each_argument(bundle: Bundle, name: str, column: Any) -> None:
    with pytest.raises(BundleError, match=f"{name}: expected a list with one for each history, got"):
        bundle.recommend_batch([bundle.labels[1:3]] * 2, **{name: column})


@pytest.mark.parametrize("values", ["ab", 5, {"x": 1}])
def test_the_values_of_a_step_are_a_list(values: Any) -> None:
    with pytest.raises(BundleError, match="input 'tags': expected a list of values, got"):
        _several().write(np.zeros((3, 2), np.int32), [1], [values])


def test_the_values_of_a_step_may_be_an_array_or_nothing() -> None:
    row = np.zeros((3, 2), np.int32)
    _several().write(row, [1, 1, 1], [np.array(["y", "x"]), None, ()])
    assert row.tolist() == [[2, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize("timestamps", [5, "1234", 1.5])
def test_timestamps_are_a_list(timestamps: Any) -> None:
    with pytest.raises(BundleError, match="timestamps: expected whole Unix seconds"):
        ModelInputs([_number()], [], 1).values(1, None, timestamps)


@pytest.mark.parametrize("value", [1e39, -1e300, "1e200", 10**60])
@pytest.mark.parametrize("statistics", [{}, {"mean": 0.0, "deviation": 1e-3}])
def test_a_number_beyond_float32_is_refused(value: Any, statistics: dict[str, float]) -> None:
    row = np.zeros(3, np.float32)
    with pytest.raises(BundleError, match=r"input 'price': .* is too large for float32"):
        _number(**statistics).write(row, [1], [value])
    _number(**statistics).write(row, [1], [1e30])
    assert np.isfinite(row).all()


@pytest.mark.parametrize("scores", [np.inf, -np.inf, np.nan])
def test_scores_that_are_no_numbers_are_told(scores: float) -> None:
    require_numbers(np.array([[1.0, -1e30]]), "bundle")
    with pytest.raises(BundleError, match="the model's scores are not finite"):
        require_numbers(np.array([[1.0, scores]]), "bundle")


def test_an_answer_is_never_empty_because_a_score_is_no_number(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"top_prediction_ids": np.array([[0, 0]]), "top_prediction_scores": np.array([[np.nan, np.nan]])}
    monkeypatch.setattr(bundle, "_ask", lambda arrays: broken)
    with pytest.raises(BundleError, match="not finite"):
        bundle.recommend([])


@pytest.mark.parametrize("labels", [["50"], "12", [1.0], [True], [-1], [99], [None], 7, [np.float32(1)]])
def test_what_is_no_label_id_is_refused(labels: Any) -> None:
    with pytest.raises(BundleError, match=r"labels: expected a list of label ids, whole numbers from 0 to 40, got"):
        label_ids(labels, 41)


def test_raw_ids_are_no_label_ids(bundle: Bundle) -> None:
    assert label_ids(np.array([0, 3]), 41) == [0, 3]
    labels = [bundle.label_of(raw) for raw in bundle.labels[1:3]]
    assert bundle.inputs(labels)["item"][0, :2].tolist() == labels
    with pytest.raises(BundleError, match="`label_of` gives that of a raw id or title"):
        bundle.inputs(bundle.labels[1:3])  # type: ignore[arg-type]


def test_an_item_without_a_text_as_title_is_told(tmp_path: Path) -> None:
    from tests.runtime.bundles import rewrite

    folder = export(tmp_path / "export")
    rewrite(folder, "items.json", lambda items: items["1"].update(title=["a", "b"]))
    with pytest.raises(BundleError, match=r"items\.json: item 1: expected fields by name, with a text as title"):
        Bundle(folder)
