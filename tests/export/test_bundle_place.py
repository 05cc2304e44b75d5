"""The place of a bundle: nothing but a bundle is replaced, and one is there at every moment."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from recframe.errors import FolderError
from recframe.export.bundle_place import bundle_place
from recframe.files.whole import _swap
from tests.runs.stand_in import hidden_in, name_of_bundle, write_bundle


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("thesis.docx", "mine"),
        ("manifest.json", '{"manifest_version": 3, "name": "a browser extension"}'),
        ("manifest.json", '{"format_version": 4, "files": {}'),
        ("manifest.json", "[" * 5000),
        ("sub/a.txt", "mine"),
    ],
)
def test_a_folder_of_other_files_is_refused(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / "docs" / name
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(FolderError, match=name), bundle_place(tmp_path / "docs"):
        pytest.fail("it began")
    assert path.read_text() == content
    assert hidden_in(tmp_path) == []


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export").write_text("mine")
    with pytest.raises(FolderError, match="is a file"):
        write_bundle(tmp_path / "export", "one")
    assert (tmp_path / "export").read_text() == "mine"


def test_an_error_leaves_the_bundle_before(tmp_path: Path) -> None:
    write_bundle(tmp_path / "export", "one")

    def export() -> None:
        with bundle_place(tmp_path / "export") as part:
            (part / "half").write_text("")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export()
    assert name_of_bundle(tmp_path / "export") == "one"
    assert hidden_in(tmp_path) == []


@pytest.mark.skipif(_swap() is None, reason="the system has no call by which two names change places")
def test_there_is_a_bundle_at_every_moment(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    write_bundle(folder, "0")
    missing, looks, ended = 0, 0, threading.Event()

    def look() -> None:
        nonlocal missing, looks
        while not ended.is_set():
            looks += 1
            missing += not (folder / "manifest.json").exists()

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(1, 40):
        write_bundle(folder, str(number))
    ended.set()
    thread.join()
    assert name_of_bundle(folder) == "39"
    assert looks > 100
    assert missing == 0


@pytest.mark.parametrize("shape", ["link", "relative", "dangling"])
def test_what_a_link_leads_to_is_replaced(shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if shape != "dangling":
        write_bundle(tmp_path / "real", "one")
    Path("export").symlink_to("real" if shape == "relative" else tmp_path / "real")
    write_bundle(Path("export"), "two")
    assert Path("export").is_symlink()
    assert name_of_bundle(tmp_path / "real") == "two"
    assert hidden_in(tmp_path) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / ".export.recframe-lock").symlink_to(tmp_path / "elsewhere")  # opening it fails for root too
    with pytest.raises(FolderError, match="cannot be written to"):
        write_bundle(tmp_path / "export", "one")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's namespaces to mount")
def test_a_folder_of_the_same_disk_can_be_mounted_too(tmp_path: Path) -> None:
    for name in ("real", "a b"):
        (tmp_path / name).mkdir()
    code = (
        "import pathlib, sys; from recframe.export.bundle_place import is_mount; "
        "print(*(is_mount(pathlib.Path(name)) for name in sys.argv[1:]))"
    )
    script = f"mount --bind real 'a b' && {sys.executable} -c '{code}' real 'a b'"
    command = ["unshare", "-rm", "sh", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("nothing can be mounted here")
    assert done.stdout.split() == ["False", "True"], done.stderr
