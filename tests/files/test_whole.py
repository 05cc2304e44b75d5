"""Files and folders are complete or absent, and are on the disk before they get their names."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recframe.files import whole as files
from recframe.files.whole import exchange, replace_folder, restore, write_text
from tests.runs.stand_in import hidden_in, write_run


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_file_that_cannot_be_written_keeps_the_earlier_one(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "metrics.json"
    write_text(path, "before")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*{"write": (Path, "open"), "fsync": (os, "fsync"), "replace": (Path, "replace")}[step], full)
    with pytest.raises(OSError, match="No space") as raised:
        write_text(path, "after")
    monkeypatch.undo()
    assert raised.value.filename == str(path)  # which the message for a full disk names
    assert path.read_text() == "before"
    assert hidden_in(tmp_path) == []


@pytest.mark.parametrize("swaps", [True, False])
def test_everything_is_synced_before_a_rename(swaps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and folder is synced before the rename that makes it a run, or a bundle."""
    synced: set[int] = set()
    checked: list[str] = []
    fsync, rename, put = os.fsync, Path.rename, replace_folder

    def record(number: int) -> None:
        synced.add(os.fstat(number).st_ino)
        fsync(number)

    def require_synced(part: Path) -> None:
        checked.append(part.name)
        assert [path for path in (part, *part.rglob("*")) if path.stat().st_ino not in synced] == []

    def checked_rename(path: Path, target: Path) -> Path:
        if target.name == ".run.recframe-new":
            require_synced(path)
        return rename(path, target)

    def checked_put(new: Path, place: Path) -> None:
        require_synced(new)
        put(new, place)

    if not swaps:
        monkeypatch.setattr(files, "_swap", lambda: None)
    monkeypatch.setattr(os, "fsync", record)
    monkeypatch.setattr(Path, "rename", checked_rename)
    monkeypatch.setattr("recframe.export.bundle_place.replace_folder", checked_put)
    for name in ("one", "two"):
        write_run(tmp_path / "run", name)
    assert checked == [".export.recframe-part", ".export.recframe-part", ".run.recframe-part", "export"]


def test_two_folders_are_exchanged_or_nothing_happens(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchange(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this file system cannot")
    assert (tmp_path / "one" / "other").exists()
    assert (tmp_path / "other" / "one").exists()
    assert not exchange(tmp_path / "one", tmp_path / "nowhere")
    assert (tmp_path / "one" / "other").exists()


def test_a_folder_that_cannot_be_put_in_place_keeps_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("new", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    rename = Path.rename

    def busy(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(errno.EBUSY, "busy")
        return rename(path, target)

    monkeypatch.setattr(files, "_swap", lambda: None)
    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(OSError, match="busy"):
        replace_folder(tmp_path / "new", tmp_path / "place")
    assert (tmp_path / "place" / "place").exists()
    assert hidden_in(tmp_path) == []


def test_a_folder_that_was_moved_aside_is_restored(tmp_path: Path) -> None:
    (tmp_path / ".export.recframe-old").mkdir()
    restore(tmp_path / "export")
    assert (tmp_path / "export").is_dir()
    (tmp_path / ".export.recframe-old").mkdir()
    restore(tmp_path / "export")
    assert hidden_in(tmp_path) == []
