"""The exporter keeps every promise that recframe asks of one, and its page makes the inputs that Python makes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

pytest.importorskip("recframe_web", reason="recframe-web is not installed: there is no npm")

import recframe_web.site
from recframe.errors import ExportError
from recframe.runtime import Bundle
from recframe.spec.experiment import Component
from recframe.testing import ExporterContract
from recframe.testing.tiny_model import tiny_export
from recframe_web import WebOptions, web
from recframe_web.site import PAGE

HERE = Path(__file__).parent
PROJECT = HERE.parent


@pytest.mark.usefixtures("vendored")
class TestWeb(ExporterContract):
    contribution = web


@pytest.fixture(scope="module")
def data(bundle: Path) -> Any:
    return json.loads((bundle / "web" / "data.json").read_text(encoding="utf-8"))


def test_the_page_has_the_models_own_bytes(bundle: Path) -> None:
    assert (bundle / "web" / "model.tflite").read_bytes() == (bundle / "model.tflite").read_bytes()


def test_every_file_is_listed(bundle: Path) -> None:
    folder = bundle / "web"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    listed = json.loads((folder / "files.json").read_text())
    # The list itself the worker keeps too; its own file a browser keeps.
    assert files == {*listed, "files.json"}
    assert listed["model.tflite"] == (folder / "model.tflite").stat().st_size
    assert {path.name for path in PAGE.iterdir()} <= files


def export_tiny(folder: Path, **options: Any) -> Path:
    """The page of the contract suite's model, which is converted once."""
    folder.mkdir()
    context = tiny_export(folder, Component("web", WebOptions(**options)))
    web.export(WebOptions(**options), context)
    return folder / "web"


def version_of(folder: Path) -> str:
    return str(re.findall(r'"recframe (\w+)"', (folder / "worker.js").read_text(encoding="utf-8"))[0])


@pytest.mark.usefixtures("vendored")
def test_another_page_has_another_version(tmp_path: Path) -> None:
    first = export_tiny(tmp_path / "first")
    again = export_tiny(tmp_path / "again")
    other = export_tiny(tmp_path / "other", title="Films & more", fields=("year",))
    assert len(version_of(first)) == 16
    assert version_of(first) == version_of(again) != version_of(other)
    assert "<h1>Films &amp; more</h1>" in (other / "index.html").read_text(encoding="utf-8")
    shown = [json.loads((folder / "data.json").read_text(encoding="utf-8"))["fields"] for folder in (first, other)]
    assert shown == [["genres"], ["year"]]  # the titles say the year


def test_the_inputs_are_described_as_in_the_manifest(bundle: Path, data: Any) -> None:
    described = {entry["name"]: entry for entry in data["inputs"]}
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert list(described) == [entry["name"] for entry in manifest]
    for entry in manifest:
        described_input = described[entry["name"]]
        assert {key: described_input[key] for key in ("shape", "dtype", "values", "steps", "statistics")} == {
            key: entry[key] for key in ("shape", "dtype", "values", "steps", "statistics")
        }
        if entry["vocabulary"]:
            lines = (bundle / entry["vocabulary"]).read_text(encoding="utf-8").split("\n")[:-1]
            name = described_input["vocabulary"]
            assert (data["labels"] if name == "labels" else data["vocabularies"][name]) == lines
        else:
            assert described_input["vocabulary"] is None
    assert data["fields"] == ["tags", "sizes"]


def test_javascript_makes_the_inputs_that_python_makes(bundle: Path) -> None:
    """Random histories of every length, with times and without, and Python's own answer to each."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    rng = np.random.default_rng(2)
    opened = Bundle(bundle)
    cases = []
    for length in [*range(12)] * 3:
        labels = rng.integers(1, 41, length).tolist()
        times = sorted(rng.integers(1_500_000_000, 1_800_000_000, length).tolist()) if rng.random() < 0.6 else None
        cases.append({"labels": labels, "times": times or [None] * length})
    module = (bundle / "web" / "inputs.js").as_uri()
    command = ["node", HERE / "make_inputs.mjs", module, bundle / "web" / "data.json"]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    hashed = 0
    for case, made in zip(cases, json.loads(done.stdout), strict=True):
        times = case["times"] if case["labels"] and case["times"][0] is not None else None
        expected = opened.inputs(case["labels"], timestamps=times)
        assert list(made) == list(expected)
        for name, values in expected.items():
            flat = np.array(made[name], values.dtype)
            if values.dtype == np.int32:
                np.testing.assert_array_equal(flat, values.reshape(-1), err_msg=name)
            else:
                np.testing.assert_allclose(flat, values.reshape(-1), rtol=1e-6, err_msg=name)
        hashed += int((expected["brand"] > 3).sum())
    assert hashed, "nothing was hashed, and so nothing compared"


@pytest.mark.slow
@pytest.mark.usefixtures("vendored")
def test_a_model_of_another_batch_is_written_for_one_person(tmp_path: Path) -> None:
    made = tiny_export(tmp_path, Component("web", WebOptions()))
    spec = attrs.evolve(made.spec, export=attrs.evolve(made.spec.export, batch=4, variants=("int8",)))
    (file,) = web.export(WebOptions(), attrs.evolve(made, spec=spec))
    assert (file.name, file.path) == ("web/int8", "web")
    data = json.loads((tmp_path / "web" / "data.json").read_text(encoding="utf-8"))
    assert all(entry["shape"][0] == 1 for entry in data["inputs"])
    assert all(len(example["ids"]) == 5 for example in data["golden"])


@pytest.mark.usefixtures("vendored")
def test_a_wrong_field_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"the items have no column 'colour'; there are: .*genres"):
        export_tiny(tmp_path / "bundle", fields=("colour",))


def test_without_litert_js_the_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recframe_web.site, "VENDOR", tmp_path / "nowhere")
    with pytest.raises(ExportError, match="pip install"):
        export_tiny(tmp_path / "bundle")


def test_the_lock_pins_without_addresses() -> None:
    packages = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert {name.rpartition("node_modules/")[2] for name in packages if name} >= set(wanted)
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.mark.slow
def test_the_wheel_holds_the_page_and_litert_js(tmp_path: Path) -> None:
    """From a copy without what was fetched before."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    copy = tmp_path / "recframe-web"
    left = shutil.ignore_patterns("vendor", "node_modules", "build", "*.egg-info", "__pycache__", "tests")
    shutil.copytree(PROJECT, copy, ignore=left)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "dist", copy]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= {f"recframe_web/page/{path.name}" for path in PAGE.iterdir()}
    assert names >= {f"recframe_web/vendor/{name}" for name in ("litert.js", "litert_wasm_internal.wasm", "NOTICE.txt")}
