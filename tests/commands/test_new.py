"""`recframe new KIND NAME`: what it writes, and what it refuses. tests/test_plugin_wheels.py installs the result."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import recframe
from recframe.commands import main
from recframe.plugin.new_distribution import KINDS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_it_writes_a_distribution_of_that_name(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", kind, "two_words"]) == 0
    project = folder / "recframe-two-words"
    files = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert files == {"pyproject.toml", "README.md", "recframe_two_words.py", "tests/test_two_words.py"}
    for name in files:
        text = (project / name).read_text(encoding="utf-8")
        assert "mine" not in text.lower(), name
        if name.endswith(".py"):
            ast.parse(text)
    assert f"The {kind} `two_words` for recframe." in (project / "README.md").read_text(encoding="utf-8")
    assert "recframe check recframe-two-words" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == [project.name]


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("encodr", "tiny", "'encodr' is no kind of plugin; did you mean 'encoder'?"),
        ("encoder", "Tiny", "lower-case letters and digits, begins with a letter"),
        ("encoder", "2d", "begins with a letter"),
        ("encoder", "a--b", "single dashes or underscores"),
        ("encoder", "../tiny", "is no name for a plugin"),
        ("encoder", "größe", "is no name for a plugin"),
        ("encoder", "cnn", "encoder 'cnn' is there already, of recframe "),
    ],
)
def test_what_is_wrong_is_refused_with_the_rule(
    kind: str, name: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", kind, name]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert len(message.splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_there_stays_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "recframe-tiny").mkdir()
    (folder / "recframe-tiny" / "work.py").write_text("mine")
    assert main(["new", "loss", "tiny"]) == 2
    assert "recframe-tiny exists already; choose another name, or move it away" in capsys.readouterr().err
    assert [path.name for path in folder.rglob("*")] == ["recframe-tiny", "work.py"]


def test_a_write_that_fails_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="No space"):
        recframe.new_plugin("encoder", "tiny", folder)
    assert list(folder.iterdir()) == []


def test_words_that_mean_something_in_the_module_are_names_too(folder: Path) -> None:
    for name in ("class", "build", "keras", "recframe", "mine"):
        text = (recframe.new_plugin("encoder", name, folder) / f"recframe_{name}.py").read_text(encoding="utf-8")
        module: dict[str, object] = {}
        exec(compile(text, name, "exec"), module)
        assert module["ENCODER"].name == name  # type: ignore[attr-defined]
