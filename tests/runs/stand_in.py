"""A run without TensorFlow: its files, each of which holds the name of the run, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from recframe.export.bundle_place import bundle_place
from recframe.files.whole import write_text, write_whole
from recframe.runs.place import MARK, clear, place_for_run

SIZE = 20_000


def write_run(folder: Path, name: str, exports: bool = True) -> None:
    """What `recframe` does in a run folder, in its order."""
    with place_for_run(folder) as place:
        clear(place)
        write_text(place / "config.yaml", f"{MARK}name: {name}\n")
        write_text(place / "plugins.json", "{}\n")
        (place / "vocab").mkdir()
        (place / "vocab" / "label.txt").write_text(name)
        (place / "vocab" / "features.json").write_text(json.dumps({"item": {"vocabulary": None}}))
        (place / "tensorboard").mkdir()
        (place / "tensorboard" / "events.out.tfevents.1").write_text(name)
        (place / "checkpoints").mkdir()
        write_whole(place / "checkpoints" / "best.weights.h5", name.encode() * SIZE)
        write_text(place / "checkpoints" / "state.json", json.dumps({"weights": "best.weights.h5", "name": name}))
        write_text(place / "metrics.json", json.dumps({"name": name}))
        if exports:
            write_bundle(place / "export", name)
        write_text(place / "report.html", name)


def write_bundle(folder: Path, name: str) -> None:
    with bundle_place(folder) as part:
        (part / "vocab").mkdir()
        contents = {"model.tflite": name.encode() * SIZE, "vocab/label.txt": name.encode()}
        for file, content in contents.items():
            (part / file).write_bytes(content)
        files = {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}
        manifest = {"format_version": 4, "name": name, "models": [], "files": files}
        (part / "manifest.json").write_text(json.dumps(manifest))


def name_of_bundle(folder: Path) -> str:
    """Whose bundle it is; every file is compared."""
    manifest = json.loads((folder / "manifest.json").read_text())
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {"manifest.json", *manifest["files"]}
    for file, sha256 in manifest["files"].items():
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == sha256, file
    return str(manifest["name"])


def name_of_run(folder: Path) -> str:
    """Whose run it is; every file must be of the same one, and whole."""
    config = (folder / "config.yaml").read_text()
    assert config.startswith(MARK)
    name = config.removeprefix(f"{MARK}name: ").strip()
    for file in ("vocab/label.txt", "tensorboard/events.out.tfevents.1", "report.html"):
        assert (folder / file).read_text() == name, file
    assert (folder / "checkpoints" / "best.weights.h5").read_bytes() == name.encode() * SIZE
    assert sorted(os.listdir(folder / "checkpoints")) == ["best.weights.h5", "state.json"]
    for file in ("checkpoints/state.json", "metrics.json"):
        assert json.loads((folder / file).read_text())["name"] == name, file
    if (folder / "export").exists():
        assert name_of_bundle(folder / "export") == name
    return name


def hidden_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob(".*"))
