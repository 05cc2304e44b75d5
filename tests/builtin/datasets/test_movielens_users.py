from __future__ import annotations

from pathlib import Path

import pytest

from recframe.builtin.datasets.movielens.dataset import MovieLensOptions, load
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from recframe.plugin.types import DatasetContext
from tests.builtin.datasets.movielens_folder import write_movielens

FILES = {
    "100k": ("u.user", "{id}|{age}|{gender}|{job}|94043"),
    "1m": ("users.dat", "{id}::{gender}::{age}::{job}::94043"),
}


def _load(folder: Path) -> Interactions:
    return load(MovieLensOptions(path=str(folder)), DatasetContext(1, folder))


@pytest.mark.parametrize("layout", FILES)
def test_the_users_have_their_attributes(tmp_path: Path, layout: str) -> None:
    folder = write_movielens(tmp_path / "ml", layout, users=6)
    name, line = FILES[layout]
    rows = [line.format(id=i, age=20 + i, gender="FM"[i % 2], job=f"job {i}") for i in (5, 4, 3, 2, 1)]
    (folder / name).write_text("\n".join(rows) + "\n", "latin-1")
    data = _load(folder)
    assert data.user_ids.tolist() == [1, 2, 3, 4, 5, 6]
    assert data.users["age"].tolist() == [21, 22, 23, 24, 25, 0]
    assert data.users["gender"].tolist() == ["M", "F", "M", "F", "M", ""]
    assert data.users["occupation"].tolist() == [*(f"job {i}" for i in range(1, 6)), ""]


@pytest.mark.parametrize("layout", ["csv", "100k", "1m", "10m"])
def test_the_file_may_be_absent(tmp_path: Path, layout: str) -> None:
    assert _load(write_movielens(tmp_path / "ml", layout)).users == {}


@pytest.mark.parametrize(
    ("row", "words"), [("1|30|F", "line 1: 3 of 5 fields"), ("1|old|F|x|1", "line 1, column age: 'old' is not a whole")]
)
def test_a_broken_row_is_named(tmp_path: Path, row: str, words: str) -> None:
    folder = write_movielens(tmp_path / "ml", "100k")
    (folder / "u.user").write_text(row + "\n", "latin-1")
    with pytest.raises(DataError, match=words):
        _load(folder)
