"""What an exporter returns is looked at at once: nothing but a file that it has written becomes a model of a bundle."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recframe.errors import PluginError
from recframe.export.exported_files import exported_files
from recframe.plugin.exporting import ExportedFile
from recframe.plugin.types import ExporterType

FIGURES = {"overlap": 1.0, "max_score_difference": 0.0}


def exported(folder: Path, result: Any) -> list[ExportedFile]:
    (folder / "bundle").mkdir()
    (folder / "bundle" / "model.bin").write_bytes(b"model")
    (folder / "bundle" / "empty.bin").write_bytes(b"")
    (folder / "beside.bin").write_bytes(b"model")
    kind = ExporterType("mine", summary="Mine.", export=lambda options, context: result)
    return exported_files(kind, None, SimpleNamespace(folder=folder / "bundle"))  # type: ignore[arg-type]


def test_a_written_file_gets_its_size(tmp_path: Path) -> None:
    (file,) = exported(tmp_path, (ExportedFile("mine/float32", "model.bin", FIGURES),))
    assert file.figures == {**FIGURES, "bytes": 5}


def named(**changes: Any) -> list[ExportedFile]:
    return [ExportedFile(**{"name": "mine/float32", "path": "model.bin", "figures": FIGURES, **changes})]


WRONG: dict[str, tuple[Any, str]] = {
    "None": (None, "gives None in `export`; expected a list of recframe.ExportedFile"),
    "a dict": ({"mine/float32": FIGURES}, "gives a dict in `export`"),
    "a path": ([Path("model.bin")], "gives a PosixPath among its files"),
    "nothing": ([], "gives no file"),
    "a name of another": (named(name="tflite/float32"), "calls a file 'tflite/float32'; expected mine/VARIANT"),
    "outside": (named(path="../beside.bin"), "gives '../beside.bin' as the path"),
    "the folder itself": (named(path="."), "gives '.' as the path"),
    "absent": (named(path="other.bin"), "which is not in context.folder"),
    "empty": (named(path="empty.bin"), "which is empty"),
    "a Path": (named(path=Path("model.bin")), "gives a PosixPath as the path"),
    "unmeasured": (named(figures={}), "does not say the overlap"),
    "no JSON": (named(details={"sizes": {1, 2}}), "gives details of mine/float32 that cannot stand in the manifest"),
    "a name of the manifest": (named(details={"path": "x"}), "gives 'path' among the details"),
    "twice": (named() * 2, "gives two files of one name"),
}


@pytest.mark.parametrize(("result", "words"), WRONG.values(), ids=WRONG)
def test_anything_else_is_refused_with_what_is_expected(tmp_path: Path, result: Any, words: str) -> None:
    with pytest.raises(PluginError, match=rf"^exporter 'mine' .*{words}.* \(.*test_exported_files.py:\d+"):
        exported(tmp_path, result)
