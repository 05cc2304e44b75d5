"""manifest.json: not a bit of it may change, what it says must be possible, and sizes are looked at before reading."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recframe.runtime import Bundle, BundleError
from recframe.runtime.check import check_bundle
from recframe.runtime.files import FILE_BYTES, MANIFEST_BYTES
from tests.runtime.bundles import export, rewrite, seal


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("made") / "export")


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "export"))


def test_the_digests_are_those_of_a_plain_computation(made: Path) -> None:
    content = (made / "manifest.json").read_bytes()
    assert (made / "manifest.sha256").read_text() == f"{hashlib.sha256(content).hexdigest()}  manifest.json\n"
    manifest = json.loads(content)
    inside = manifest.pop("sha256")
    plain = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert inside == hashlib.sha256(plain.encode()).hexdigest()


@pytest.mark.parametrize("use", [Bundle, check_bundle])
def test_a_flipped_bit_is_refused(bundle: Path, use: Callable[[Path], Any]) -> None:
    """Every 97th bit here; every eighth one in tests/chaos."""
    for name in ("manifest.json", "manifest.sha256"):
        content = (bundle / name).read_bytes()
        for bit in range(0, 8 * len(content), 97):
            changed = bytearray(content)
            changed[bit // 8] ^= 1 << bit % 8
            (bundle / name).write_bytes(changed)
            with pytest.raises(BundleError, match=r"manifest\.json: "):
                use(bundle)
        (bundle / name).write_bytes(content)


def _only_beside(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and what stands beside it, not the digest inside."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  manifest.json\n")


def test_a_manifest_that_was_edited_is_refused_by_either_digest(bundle: Path) -> None:
    _only_beside(bundle, lambda manifest: manifest.update(seed=2))
    with pytest.raises(BundleError, match="its sha256 does not match its content"):
        Bundle(bundle)
    seal(bundle)
    Bundle(bundle)
    (bundle / "manifest.json").write_text((bundle / "manifest.json").read_text() + " ")
    with pytest.raises(BundleError, match=r"differs from what was exported \(manifest\.sha256\)"):
        Bundle(bundle)
    (bundle / "manifest.sha256").unlink()
    with pytest.raises(BundleError, match=r"manifest\.sha256: cannot be read, so nothing protects manifest\.json"):
        Bundle(bundle)


@pytest.mark.parametrize(
    ("statistics", "words"),
    [
        ({"mean": 1.0}, "'deviation' is missing beside 'mean'"),
        ({"deviation": 1.0}, "'mean' is missing beside 'deviation'"),
        ({"mean": 1.0, "deviation": 0}, "0 is not more than 0"),
        ({"mean": 1.0, "deviation": -2.0}, "-2.0 is not more than 0"),
        ({"log": 1}, "'mean' is missing beside 'log'"),
        ({"mean": 1.0, "deviation": 1.0, "log": 0.5}, "0.5 is not one of 0, 1"),
        ({"mean": "1", "deviation": 1.0}, "expected number"),
        ({"hash_from": 3}, "'hash_buckets' is missing beside 'hash_from'"),
        ({"edges": [1.0, 1.0]}, r"statistics\.edges do not rise"),
        ({"edges": [2.0, 1.0]}, r"statistics\.edges do not rise"),
    ],
)
def test_statistics_that_cannot_be_meant_are_refused(bundle: Path, statistics: dict[str, Any], words: str) -> None:
    rewrite(bundle, "manifest.json", lambda manifest: manifest["inputs"][0].update(statistics=statistics))
    with pytest.raises(BundleError, match=words):
        Bundle(bundle)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(bundle: Path, number: str) -> None:
    path = bundle / "manifest.json"
    path.write_text(
        path.read_text().replace('"statistics": {', f'"statistics": {{"mean": {number}, "deviation": 1.0', 1)
    )
    (bundle / "manifest.sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  manifest.json\n")
    with pytest.raises(BundleError, match=r"is not a number of JSON|is not a finite number"):
        Bundle(bundle)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda entry: entry.update(steps=None), "steps cannot be null where the scope is history"),
        (lambda entry: entry.update(steps=0), "does not have an allowed form"),
        (lambda entry: entry.update(scope=None), "a feature's scope cannot be null"),
    ],
)
def test_an_input_that_cannot_be_fed_is_refused(bundle: Path, change: Callable[[Any], None], words: str) -> None:
    rewrite(bundle, "manifest.json", lambda manifest: change(manifest["inputs"][0]))
    with pytest.raises(BundleError, match=words):
        Bundle(bundle)


def _huge(path: Path, size: int) -> None:
    """A file of many bytes that takes no room."""
    with path.open("wb") as file:
        file.truncate(size)


def test_a_huge_file_is_refused_unread(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 10 * 10**9
    _huge(bundle / "model.tflite", size)
    monkeypatch.setattr(Path, "read_bytes", _never_read(Path.read_bytes, "model.tflite"))
    monkeypatch.setattr(Path, "open", _never_read(Path.open, "model.tflite"))
    with pytest.raises(BundleError, match=r"model\.tflite: 10,000,000,000 bytes instead of "):
        Bundle(bundle)
    rewrite(bundle, "manifest.json", lambda manifest: manifest["files"]["model.tflite"].update(bytes=size))
    with pytest.raises(BundleError, match=rf"takes 10,000,000,000 bytes; at most {FILE_BYTES:,} can be opened"):
        Bundle(bundle)


def _never_read(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def guarded(self: Path, *args: Any, **kwargs: Any) -> Any:
        assert self.name != name, f"{self} was read"
        return function(self, *args, **kwargs)

    return guarded


def test_a_huge_manifest_is_refused_unread(bundle: Path) -> None:
    _huge(bundle / "manifest.json", MANIFEST_BYTES + 1)
    with pytest.raises(BundleError, match=r"manifest\.json: takes .* bytes; a manifest takes at most"):
        Bundle(bundle)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes")
@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "model.tflite"])
def test_a_pipe_is_not_waited_for(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    os.mkfifo(bundle / name)
    with pytest.raises(BundleError, match="cannot be read"):
        Bundle(bundle)


def test_a_changed_mean_is_told_by_golden_where_every_digest_was_renewed(tmp_path: Path) -> None:
    """A mean of 1985 made 1085, and the manifest sealed again: raw questions become other inputs."""
    pytest.importorskip("tensorflow")
    import polars as pl

    import recframe
    from recframe import train
    from recframe.builtin.datasets.tabular import from_table

    rows = [(user, (user + step) % 9, 100 + step, 1980 + (user + step) % 9) for user in range(30) for step in range(6)]
    data = from_table(pl.DataFrame(rows, schema=["user", "item", "timestamp", "year"], orient="row"))
    features = ["item.type=string", "year.type=float", "year.scale=standard"]
    overrides = ["train.epochs=0", "model.width=4", *(f"groups.history.features.{one}" for one in features)]
    folder = train(recframe.compose(overrides), None, data=data).export(tmp_path / "export")
    check_bundle(folder)

    def change(manifest: dict[str, Any]) -> None:
        statistics = next(entry for entry in manifest["inputs"] if entry["name"] == "year")["statistics"]
        assert 1980 < statistics["mean"] < 1990
        statistics["mean"] -= 900

    rewrite(folder, "manifest.json", change)
    with pytest.raises(BundleError, match=r"the question of entry 0 gives other values for the input 'year'"):
        check_bundle(folder)
