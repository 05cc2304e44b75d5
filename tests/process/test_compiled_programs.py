"""Compiled programs that are kept from one process to the next, without TensorFlow: the files alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recframe.process import compiled_programs
from recframe.process.compiled_programs import _close, _opened

PROGRAM, CODE = "xla_compile_cache__1__2__XLA_CPU_JIT.pb", b"machine code"


def kept(store: Path) -> list[Path]:
    return sorted(store.glob("*.pb.*"))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """One in which a process has kept a program."""
    store = tmp_path / "compiled" / "machine"
    session = _opened(store)
    (session / PROGRAM).write_bytes(CODE)
    (session / f"{PROGRAM}123.tmp").write_bytes(b"half")
    _close(store, session, os.getpid())
    return store


def test_the_next_process_has_what_one_has_compiled(store: Path) -> None:
    assert len(kept(store)) == 1
    session = _opened(store)
    assert {path.name: path.read_bytes() for path in session.iterdir()} == {PROGRAM: CODE}
    _close(store, session, os.getpid())
    assert [path.name for path in store.iterdir()] == [kept(store)[0].name]


@pytest.mark.parametrize("content", [b"", CODE[:5], b"other code!!"], ids=["empty", "cut", "changed"])
def test_a_damaged_program_is_removed_and_never_read(store: Path, content: bytes) -> None:
    kept(store)[0].write_bytes(content)
    assert list(_opened(store).iterdir()) == []
    assert kept(store) == []


def test_a_child_leaves_its_parents_folder_alone(store: Path) -> None:
    session = _opened(store)
    _close(store, session, os.getpid() + 1)
    assert session.is_dir()


def test_folders_of_dead_processes_are_removed_and_those_of_living_ones_are_not(store: Path) -> None:
    dead = store / ".process-dead"
    dead.mkdir()
    living = _opened(store)
    assert not dead.exists()
    _opened(store)
    assert living.is_dir()


def test_the_oldest_programs_go_first(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(kept(store)[0], (1, 1))
    session = _opened(store)
    (session / "newer.pb").write_bytes(CODE)
    _close(store, session, os.getpid())
    monkeypatch.setattr(compiled_programs, "MOST", len(CODE))
    _opened(store)
    assert [path.name.split(".")[0] for path in kept(store)] == ["newer"]


def test_a_folder_that_others_may_write_to_is_not_used(store: Path) -> None:
    store.chmod(0o777)
    with pytest.raises(PermissionError):
        _opened(store)


def test_without_room_there_is_no_folder(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        _opened(store)
    assert list(store.glob(".process-*")) == []
