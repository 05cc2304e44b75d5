"""Reads the users of the MovieLens datasets 100k and 1m: gender, age and occupation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recframe import DataError
from recframe.builtin.datasets.movielens.layouts import INTEGER, Layout

if TYPE_CHECKING:
    import numpy as np

#: For each ratings file: the users' file, its separator, and the positions of id, gender, age and occupation.
_FILES = {
    "u.data": ("u.user", "|", (0, 2, 1, 3)),
    "ratings.dat": ("users.dat", "::", (0, 1, 2, 3)),
}
_FIELDS = 5


def read_users(folder: Path, layout: Layout, user_ids: np.ndarray) -> dict[str, np.ndarray]:
    """Columns `gender` and `occupation` str, `age` int64, each [users]; empty if the dataset has no users' file.

    A user without a row gets empty texts and the age 0. In 1m, an age is the first of a range and an occupation is a
    number, as its README explains.

    Raises:
        DataError: A row is invalid. The message has its line.
    """
    import numpy as np

    if layout.ratings not in _FILES or not (folder / _FILES[layout.ratings][0]).exists():
        return {}
    name, separator, places = _FILES[layout.ratings]
    path = folder / name
    rows: dict[int, tuple[str, int, str]] = {}
    for number, line in enumerate(path.read_text("latin-1").splitlines(), 1):
        if not line:
            continue
        fields = line.split(separator)
        if len(fields) != _FIELDS:
            raise DataError(f"{path}, line {number}: {len(fields)} of {_FIELDS} fields in {line[:80]!r}; correct it")
        raw, gender, age, occupation = (fields[place] for place in places)
        for column, text in (("userId", raw), ("age", age)):
            if not INTEGER.fullmatch(text):
                raise DataError(f"{path}, line {number}, column {column}: {text!r} is not a whole number; correct it")
        rows[int(raw)] = gender, int(age), occupation
    of_users = [rows.get(int(raw), ("", 0, "")) for raw in user_ids]
    return {
        "gender": np.array([row[0] for row in of_users], str),
        "age": np.array([row[1] for row in of_users], np.int64),
        "occupation": np.array([row[2] for row in of_users], str),
    }
