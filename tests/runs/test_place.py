"""A run folder: only what recframe wrote is replaced, and the earlier run stays whole until the next one is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recframe.errors import FolderError
from recframe.files import whole as files
from recframe.runs.place import NAMES, finish_replacement, is_run, place_for_run, require_run_place, writing
from tests.runs.stand_in import hidden_in, name_of_bundle, name_of_run, write_bundle, write_run


@pytest.fixture(params=["swaps", "no swap"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's call by which two names change places, and as where there is none."""
    if request.param == "no swap":
        monkeypatch.setattr(files, "_swap", lambda: None)


@pytest.mark.usefixtures("system")
def test_the_next_run_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for name in ("one", "two"):
        write_run(run, name)
        assert name_of_run(run) == name
    assert {path.name for path in run.iterdir()} == set(NAMES)
    write_run(run, "three", exports=False)
    assert name_of_run(run) == "three"
    assert not (run / "export").exists()
    assert hidden_in(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "full"), ValueError("typo")], ids=repr)
def test_a_run_that_fails_leaves_the_one_before(error: BaseException, tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_run(run, "one")

    def train() -> None:
        with place_for_run(run) as place:
            (place / "config.yaml").write_text("half")
            raise error

    with pytest.raises(type(error)) as raised:
        train()
    assert raised.value.__notes__ == [f"the earlier run in {run} is unchanged"]
    assert name_of_run(run) == "one"
    assert hidden_in(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["export/thesis.docx", "vocab/words.txt", "config.yaml", "metrics.json", "report.html"]
)
def test_what_stands_in_a_foreign_folder_is_named_and_stays(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine\n")
    with pytest.raises(FolderError, match=name), place_for_run(tmp_path):
        pytest.fail("it began")
    assert path.read_text() == "mine\n"
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {path}


@pytest.mark.parametrize(
    "name", ["export/notes.md", "vocab/words.txt", "checkpoints/mine.h5", "tensorboard/plot.png", "export/sub/a.txt"]
)
def test_what_was_added_to_a_run_is_named_and_stays(name: str, tmp_path: Path) -> None:
    write_run(tmp_path, "one")
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine\n")
    with pytest.raises(FolderError, match=Path(name).name):
        write_run(tmp_path, "two")
    path.unlink()
    assert name_of_run(tmp_path) == "one"


def test_what_is_added_while_it_trains_is_not_lost(tmp_path: Path) -> None:
    write_run(tmp_path, "one")

    def train() -> None:
        with place_for_run(tmp_path) as place:
            (place / "config.yaml").write_text("two")
            (tmp_path / "vocab" / "words.txt").write_text("mine")

    with pytest.raises(FolderError, match=r"vocab/words\.txt"):
        train()
    assert (tmp_path / "vocab" / "words.txt").read_text() == "mine"
    (tmp_path / "vocab" / "words.txt").unlink()
    assert name_of_run(tmp_path) == "one"


def test_other_names_empty_folders_and_file_managers_are_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "export").mkdir()
    (tmp_path / "vocab").mkdir()
    (tmp_path / "vocab" / ".DS_Store").write_text("")
    for name in ("one", "two"):
        write_run(tmp_path, name)
        assert name_of_run(tmp_path) == name
        assert (tmp_path / "notes.txt").read_text() == "mine"
        (tmp_path / "vocab" / ".DS_Store").write_text("")


def test_a_config_of_another_program_is_none_of_ours(tmp_path: Path) -> None:
    for content in (b"defaults: [_self_]\n", b"\xff\xfe", b""):
        (tmp_path / "config.yaml").write_bytes(content)
        assert not is_run(tmp_path)
        with pytest.raises(FolderError, match=r"did not write config\.yaml"):
            require_run_place(tmp_path)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"run-\xff")
    for write in (write_run, write_bundle):
        with pytest.raises(FolderError, match=r"run-\\xff: the name is not UTF-8"):
            write(folder, "one")
    assert not folder.exists()


@pytest.mark.usefixtures("system")
def test_a_link_as_export_stays_one_and_leads_to_the_new_bundle(tmp_path: Path) -> None:
    write_run(tmp_path / "run", "one")
    (tmp_path / "run" / "export").rename(tmp_path / "served")
    (tmp_path / "run" / "export").symlink_to(tmp_path / "served")
    write_run(tmp_path / "run", "two")
    assert (tmp_path / "run" / "export").is_symlink()
    assert name_of_bundle(tmp_path / "served") == "two"
    assert name_of_run(tmp_path / "run") == "two"
    assert hidden_in(tmp_path) == []


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs another file system")
def test_a_link_to_another_disk_works_too(tmp_path: Path) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        if Path(other).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("the same file system")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "export").symlink_to(Path(other) / "served")
        for name in ("one", "two"):
            write_run(tmp_path / "run", name)
            assert name_of_bundle(Path(other) / "served") == name
        assert (tmp_path / "run" / "export").is_symlink()
        assert hidden_in(Path(other)) == hidden_in(tmp_path) == []


@pytest.mark.parametrize("name", ["checkpoints", "config.yaml", "vocab"])
def test_other_links_are_refused(name: str, tmp_path: Path) -> None:
    write_run(tmp_path / "run", "one")
    (tmp_path / "run" / name).rename(tmp_path / name)
    (tmp_path / "run" / name).symlink_to(tmp_path / name)
    with pytest.raises(FolderError, match=f"{name}: it is a link or a mount point"):
        write_run(tmp_path / "run", "two")
    assert name_of_run(tmp_path / "run") == "one"


def test_mount_points_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path).name == "export")  # so Docker mounts a volume
    with pytest.raises(FolderError, match="is a link or a mount point"):
        write_run(tmp_path / "run", "one")
    with pytest.raises(FolderError, match="is a mount point"):
        write_bundle(tmp_path / "export", "one")
    assert not (tmp_path / "run").exists()


def test_a_second_process_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from recframe.runs.place import writing\n"
        "with writing(pathlib.Path(sys.argv[1])):\n    print('here', flush=True)\n    time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        with pytest.raises(FolderError, match=f"process {process.pid} on .* is writing here"):
            write_run(tmp_path, "two")
        with pytest.raises(FolderError, match="is writing here"), writing(tmp_path):
            pytest.fail("it began")
    finally:
        process.kill()
        process.communicate()
    write_run(tmp_path, "two")  # the lock has ended with its process, though its file is there
    assert name_of_run(tmp_path) == "two"
    assert hidden_in(tmp_path) == []


def test_a_complete_run_is_put_in_place_by_whoever_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path, "one")
    with monkeypatch.context() as patched:
        patched.setattr("recframe.runs.place._finish", lambda folder: None)  # died in that moment
        write_run(tmp_path, "two")
    assert name_of_run(tmp_path) == "one"
    finish_replacement(tmp_path)
    assert name_of_run(tmp_path) == "two"
    assert hidden_in(tmp_path) == []


def test_an_export_that_runs_keeps_its_own_and_a_dead_one_does_not(tmp_path: Path) -> None:
    from recframe.export.bundle_place import bundle_place

    write_run(tmp_path, "one")
    with bundle_place(tmp_path / "export") as part:
        (part / "half").write_text("")
        with writing(tmp_path):  # another process tidies up
            assert (part / "half").exists()
        with pytest.raises(FolderError, match="is writing here"):
            write_bundle(tmp_path / "export", "two")
        (part / "half").unlink()
        manifest = {"format_version": 4, "models": [], "files": {}, "name": "two"}
        (part / "manifest.json").write_text(json.dumps(manifest))
    assert name_of_bundle(tmp_path / "export") == "two"
    for left in (".export.recframe-part", ".config.yaml.recframe-part"):
        (tmp_path / left).mkdir() if "export" in left else (tmp_path / left).write_text("half")
    with writing(tmp_path):
        assert hidden_in(tmp_path) == [".recframe-lock"]
