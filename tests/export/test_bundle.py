"""The bundle: what is in it, that it answers as the model does, and that a failed one never appears."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import recframe
from recframe import Run, train
from recframe.errors import ExportError
from recframe.export.histories.parity_histories import held_out_inputs
from recframe.runtime import Bundle
from recframe.runtime.bundle import BundleError

SMALL = [
    "dataset.users=80",
    "dataset.items=60",
    "dataset.events_per_user=15",
    "model.history_length=8",
    "train.epochs=2",
]
FEATURES = (
    "groups={history:{features:{watched:{type:int,source:item},stars:{type:float,source:rating},"
    "kind:{type:string,source:genre,embedding_dim:4}}},again:{encoder:{type:bow},features:{before:{type:int,source:year}}}}"
)

THE_ONE_BEFORE = '{"format_version": 4, "files": {}, "models": []}'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    spec = recframe.compose(
        [*SMALL, "encoder=lstm", "exporters=[tflite,saved_model]", FEATURES, "~groups.history.features.item"]
    )
    return train(spec, tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def bundle(run: Run) -> Path:
    return run.export()


def test_inputs_keep_their_names_order_and_types(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert [entry["name"] for entry in manifest["inputs"]] == ["watched", "stars", "kind", "before"]
    assert [entry["dtype"] for entry in manifest["inputs"]] == ["int32", "float32", "int32", "int32"]
    from ai_edge_litert.interpreter import Interpreter

    signature = Interpreter(model_path=str(bundle / "model.tflite")).get_signature_list()["serving_default"]
    assert set(signature["inputs"]) == {"watched", "stars", "kind", "before"}
    assert set(signature["outputs"]) == {"top_prediction_ids", "top_prediction_scores"}


def test_every_file_is_in_the_manifest_with_its_hash(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    files = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()}
    assert files == {*manifest["files"], "manifest.json", "manifest.sha256"}
    for name, facts in manifest["files"].items():
        content = (bundle / name).read_bytes()
        assert facts == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_only_builtin_ops_and_narrow_types(bundle: Path) -> None:
    model = json.loads((bundle / "manifest.json").read_text())["models"][0]
    assert model["ops"]["TOPK_V2"] == 1
    assert set(model["types"]) <= {"FLOAT32", "INT32", "BOOL"}


def test_golden_examples_hold(bundle: Path) -> None:
    opened = Bundle(bundle)
    types = {entry["name"]: entry["dtype"] for entry in opened.manifest["inputs"]}
    for example in json.loads((bundle / "golden.json").read_text()):
        inputs = {name: np.array(values, types[name]) for name, values in example["inputs"].items()}
        answer = opened.runner(**inputs)
        assert answer["top_prediction_ids"].tolist() == example["outputs"]["top_prediction_ids"]
        np.testing.assert_allclose(
            answer["top_prediction_scores"], example["outputs"]["top_prediction_scores"], rtol=1e-4, atol=1e-4
        )


def test_padding_history_and_ids_out_of_range_are_never_recommended(bundle: Path) -> None:
    opened = Bundle(bundle)
    for fill in (0, -5, 10**6):
        inputs = {e["name"]: np.full(e["shape"], fill, e["dtype"]) for e in opened.manifest["inputs"]}
        inputs["stars"][:] = 0
        ids = opened.runner(**inputs)["top_prediction_ids"].reshape(-1)
        assert ((ids > 0) & (ids < len(opened.labels))).all()
    inputs = {e["name"]: np.zeros(e["shape"], e["dtype"]) for e in opened.manifest["inputs"]}
    inputs["watched"][0, :3] = [3, 3, 7]
    assert not {3, 7} & set(opened.runner(**inputs)["top_prediction_ids"].reshape(-1).tolist())


def test_recommend_by_id_and_by_title(bundle: Path) -> None:
    opened = Bundle(bundle)
    raw, title = opened.labels[4], opened.items["4"]["title"]
    assert opened.recommend([raw], 5) == opened.recommend([title], 5)
    with pytest.raises(BundleError, match="did you mean"):
        opened.recommend([title[:-1] + "?"])
    with pytest.raises(BundleError, match="k is 1000"):
        opened.recommend([raw], 1000)


def test_a_changed_byte_is_noticed(bundle: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    content = bytearray((copy / "model.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "model.tflite").write_bytes(content)
    with pytest.raises(BundleError, match="sha256"):
        Bundle(copy)


def test_the_runtime_never_loads_tensorflow(bundle: Path) -> None:
    code = (
        "import sys; from recframe.runtime import Bundle; b = Bundle(sys.argv[1]); b.recommend([b.labels[1]]); "
        "assert not {'tensorflow', 'keras', 'polars', 'hydra'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(bundle)], check=True)


def _broken(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException) -> Path:
    """Export over an existing bundle with an exporter that writes half and fails."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "manifest.json").write_text(THE_ONE_BEFORE)

    def fail(module: object, variant: str, name: str) -> bytes:
        raise error

    monkeypatch.setattr("recframe.export.checks.gate.convert", fail)
    with pytest.raises(type(error)):
        run.export(folder)
    return folder


@pytest.mark.parametrize(
    "error",
    [ExportError("no"), OSError(28, "No space left on device"), KeyboardInterrupt()],
    ids=["check", "disk", "ctrl-c"],
)
def test_a_failed_export_leaves_what_was_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException
) -> None:
    folder = _broken(run, monkeypatch, tmp_path, error)
    assert [p.name for p in tmp_path.iterdir()] == ["export"]
    assert (folder / "manifest.json").read_text() == THE_ONE_BEFORE


def test_a_model_that_answers_otherwise_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held_out = held_out_inputs(run.data, 20)
    shifted = {name: np.roll(values, 1, axis=0) for name, values in held_out.items()}
    import recframe.export.histories.parity_histories as module
    from recframe.export.litert.lite import LiteModel

    monkeypatch.setattr(module, "held_out_inputs", lambda data, limit: held_out)

    class Another(LiteModel):
        def ask(self, inputs):  # type: ignore[no-untyped-def]
            row = next(rows)
            return super().ask({name: values[row : row + 1] for name, values in shifted.items()})

    rows = iter(range(10**6))
    monkeypatch.setattr("recframe.export.checks.gate.LiteModel", Another)
    with pytest.raises(ExportError, match="does not answer as the trained model does"):
        run.export(tmp_path / "export")
    assert not list(tmp_path.iterdir())
