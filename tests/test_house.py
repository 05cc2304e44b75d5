"""The shape of the repository: modules are short, and tests/ has the rooms of recframe/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 300
#: Folders of tests/ that are about several rooms at once.
ACROSS_ROOMS = {
    "docs",  # the pages and their examples
    "delivery",  # what is reported is what is delivered
    "chaos",  # processes that are killed, files that are damaged
    "contracts",  # the suites of recframe/testing, over the built-ins and over broken plugins
    "benchmarks",  # that each of them still runs
}


def modules(folder: Path) -> Iterator[Path]:
    """The Python modules that people write: not generated, not vendored, not built."""
    apart = {"vendor", "node_modules", "build", "__pycache__"}
    for path in sorted(folder.rglob("*.py")):
        if not path.stem.endswith("_pb2") and not apart & set(path.relative_to(folder).parts):
            yield path


def too_long(folder: Path) -> list[str]:
    counts = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(folder)}
    return [f"{path.relative_to(folder)}: {count} lines" for path, count in counts.items() if count > LONGEST]


def without_a_room(tests: Path, package: Path) -> list[str]:
    """The folders of tests/ that have neither a room of their name nor a place among the exceptions."""
    folders = {path.name for path in tests.iterdir() if (path / "__init__.py").exists()}
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    return sorted(folders - rooms - ACROSS_ROOMS)


def test_no_module_is_too_long() -> None:
    assert [line for name in ("recframe", "plugins", "benchmarks", "tests") for line in too_long(ROOT / name)] == []


def test_every_folder_of_tests_has_its_room() -> None:
    assert without_a_room(ROOT / "tests", ROOT / "recframe") == []


def test_a_long_module_and_a_folder_without_a_room_are_noticed(tmp_path: Path) -> None:
    for name in ("package/data", "tests/data", "tests/attic", "tests/docs", "package/vendor"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "package/data/long.py").write_text("x = 1\n" * (LONGEST + 1))
    (tmp_path / "package/data/messages_pb2.py").write_text("x = 1\n" * (LONGEST + 1))
    (tmp_path / "package/vendor/theirs.py").write_text("x = 1\n" * (LONGEST + 1))
    assert too_long(tmp_path / "package") == ["data/long.py: 301 lines"]
    assert without_a_room(tmp_path / "tests", tmp_path / "package") == ["attic"]
