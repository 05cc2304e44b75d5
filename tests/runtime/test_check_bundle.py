"""`recframe check-bundle`: a bundle that is not as it was made is refused with the reason."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from recframe.commands import main
from recframe.runtime import Bundle, BundleError
from recframe.runtime.check import check_bundle
from recframe.runtime.schema import manifest_schema, problems
from tests.runtime.bundles import K, export, rewrite


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    overrides = ["export.variants=[float32,int8]", "export.max_recall_drop=1", "exporters=[tflite,android]"]
    return export(tmp_path_factory.mktemp("made") / "export", *overrides, "export.exclude_ids=2")


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "export"))


def test_a_bundle_as_it_was_made_is_whole(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-bundle", str(made)]) == 0
    text = capsys.readouterr().out
    assert "manifest and files are as they were exported" in text
    assert [line.split()[:3] for line in text.splitlines()[2:]] == [
        ["model.tflite", "tflite/float32", "4/4"],
        ["model_int8.tflite", "tflite/int8", text.splitlines()[3].split()[2]],
    ]
    exact, small = check_bundle(made)
    assert exact.equal == exact.examples
    assert exact.difference < 1e-4
    assert not exact.problem
    assert not small.problem
    assert small.overlap >= 0.5


def test_the_models_are_asked_for_by_name(made: Path) -> None:
    assert Bundle(made).model["path"] == "model.tflite"
    for name in ("tflite/int8", "model_int8.tflite"):
        assert Bundle(made, name).model["quantization"] == "int8"
        assert len(Bundle(made, name).recommend([1, 2])) == K
    with pytest.raises(BundleError, match="no model tflite/int4; there are tflite/float32, tflite/int8"):
        Bundle(made, "tflite/int4")


def _flip(folder: Path) -> None:
    content = bytearray((folder / "model.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.tflite").write_bytes(content)


def _point(folder: Path, place: str) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["models"][0]["path"] = place
        manifest["files"][place] = manifest["files"]["model.tflite"]

    rewrite(folder, "manifest.json", change)


def _outside(folder: Path) -> None:
    shutil.copy(folder / "model.tflite", folder.parent / "model.tflite")
    _point(folder, "../model.tflite")


def _link(folder: Path) -> None:
    (folder / "model.tflite").rename(folder.parent / "model.tflite")
    os.symlink(folder.parent / "model.tflite", folder / "model.tflite")


BROKEN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "flipped byte": (_flip, r"model\.tflite: differs from what was exported \(sha256\)"),
    "cut short": (lambda f: (f / "model.tflite").write_bytes(b"TFL3"), r"model\.tflite: 4 bytes instead of "),
    "missing file": (lambda f: (f / "vocab/label.txt").unlink(), r"vocab/label\.txt: the manifest names this file"),
    "newer version": (
        lambda f: rewrite(f, "manifest.json", lambda m: m.update(format_version=5)),
        "format version 5 instead of 4: upgrade recframe",
    ),
    "older version": (
        lambda f: rewrite(f, "manifest.json", lambda m: m.update(format_version=2)),
        "format version 2 instead of 4: export the run again",
    ),
    "outside": (_outside, r"'\.\./model\.tflite' lies outside the bundle"),
    "absolute": (lambda f: _point(f, str(f / "model.tflite")), r"models\.0\.path: .* allowed form|does not match"),
    "link outside": (_link, r"'model\.tflite' lies outside the bundle"),
    "a NUL": (lambda f: _point(f, "model\0.tflite"), r"lies outside the bundle|does not match|allowed form"),
    "vocabulary outside": (
        lambda f: rewrite(f, "manifest.json", lambda m: m["outputs"][0].update(vocabulary="../label.txt")),
        r"lies outside the bundle|does not match|allowed form",
    ),
    "nested": (lambda f: (f / "manifest.json").write_text("[" * 100_000), r"manifest\.json: cannot be read"),
    "no JSON": (lambda f: (f / "manifest.json").write_text("{"), r"manifest\.json: cannot be read"),
    "a list": (lambda f: (f / "manifest.json").write_text("[]"), "format version None"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "no bundle here"),
    "against the schema": (
        lambda f: rewrite(f, "manifest.json", lambda m: m["inputs"][0].pop("dtype")),
        r"inputs\.0: 'dtype' is missing",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bundle_is_refused(bundle: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    breaks, words = BROKEN[name]
    breaks(bundle)
    for use in (Bundle, check_bundle):
        with pytest.raises(BundleError, match=words):
            use(bundle)
    assert main(["check-bundle", str(bundle)]) == 2
    assert capsys.readouterr().err.startswith("recframe: ")


def _no_golden(golden: list[Any]) -> None:
    golden.clear()


def _other_id(golden: list[Any]) -> None:
    ids = golden[1]["outputs"]["top_prediction_ids"][0]
    ids[-1] = next(label for label in range(1, 40) if label not in ids)


def _other_score(golden: list[Any]) -> None:
    golden[2]["outputs"]["top_prediction_scores"][0][0] *= 1.01


def _other_input(golden: list[Any]) -> None:
    golden[0]["inputs"]["films"] = golden[0]["inputs"].pop("item")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_other_id, r"3 of 4 golden answers are equal.* expected equal answers"),
        (_other_score, "golden answers .* scores differ by"),
        (_other_input, r"golden\.json: does not fit this model"),
        (_no_golden, r"golden\.json: expected a list that is not empty"),
    ],
)
def test_golden_answers_that_do_not_come_are_told(
    bundle: Path, change: Callable[[Any], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    rewrite(bundle, "golden.json", change)
    assert main(["check-bundle", str(bundle)]) == 2
    assert re.search(words, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(items=3), r"items is 3, but items\.json has \d+"),
        (
            lambda m: m["inputs"][0].update(shape=[1, 20]),
            r"the input 'item' is \(\(1, 20\), 'int32'\) here, but .* in model",
        ),
        (lambda m: m["outputs"][0].update(vocabulary="vocab/none.txt"), r"'vocab/none\.txt' is not among its files"),
    ],
)
def test_a_manifest_that_says_otherwise_than_its_files_is_refused(
    bundle: Path, change: Callable[[Any], None], words: str
) -> None:
    rewrite(bundle, "manifest.json", change)
    with pytest.raises(BundleError, match=words):
        check_bundle(bundle)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("golden.json", b"[1,", r"golden\.json: is not JSON"),
        ("items.json", b"[]", r"items\.json: expected a dict that is not empty"),
        ("vocab/label.txt", b"\xff\n", r"label\.txt: is not UTF-8 text"),
    ],
)
def test_a_file_that_was_changed_along_with_its_hash(bundle: Path, name: str, content: bytes, words: str) -> None:
    (bundle / name).write_bytes(content)
    facts = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    rewrite(bundle, "manifest.json", lambda m: m["files"].update({name: facts}))
    with pytest.raises(BundleError, match=words):
        check_bundle(bundle)


def test_a_run_folder_stands_for_its_bundle(bundle: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    shutil.copytree(bundle, run / "export")
    assert check_bundle(run)
    assert Bundle(run).folder == run / "export"


def test_a_file_too_many_is_told_with_all_the_rest(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bundle / "notes.txt").write_text("mine")
    _flip(bundle)
    assert main(["check-bundle", str(bundle)]) == 2
    text = capsys.readouterr().err
    assert "2 problems:" in text
    assert "notes.txt: the manifest does not name this file" in text
    assert "model.tflite: differs" in text


def test_the_schema_is_a_schema_and_describes_what_is_there(made: Path) -> None:
    schema = manifest_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(manifest)
    assert set(manifest) == set(schema["properties"])
    for name, parts in (("input", manifest["inputs"]), ("output", manifest["outputs"]), ("model", manifest["models"])):
        assert {key for part in parts for key in part} <= set(schema["$defs"][name]["properties"])


def test_our_own_reading_of_the_schema_is_that_of_jsonschema(made: Path) -> None:
    """Every value of the manifest, replaced by one of each kind and left out: both say the same."""
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(manifest_schema())
    assert list(problems(manifest)) == []
    refused = 0
    for path in _places({**manifest, "spec": {}, "files": dict([*manifest["files"].items()][:2])}):
        for value in (None, True, -2, 0, 1.5, "", "/x", [], {}, ...):
            broken = copy.deepcopy(manifest)
            holder = broken
            for key in path[:-1]:
                holder = holder[key]
            if value is ...:
                del holder[path[-1]]
            else:
                holder[path[-1]] = value
            wrong = not validator.is_valid(broken)
            assert wrong == bool(list(problems(broken))), (path, value)
            refused += wrong
    assert refused > 500


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    return ([path] if path else []) + [place for key, part in parts for place in _places(part, (*path, key))]
