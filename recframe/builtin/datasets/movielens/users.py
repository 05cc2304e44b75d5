"""What MovieLens says of its users, in the sets that do: gender, age and occupation of 100k and 1m."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recframe import DataError
from recframe.builtin.datasets.movielens.layouts import INTEGER, Layout

if TYPE_CHECKING:
    import numpy as np

#: By layout's ratings file: the users' file, its separator, and the places of id, gender, age and occupation.
_FILES = {
    "u.data": ("u.user", "|", (0, 2, 1, 3)),
    "ratings.dat": ("users.dat", "::", (0, 1, 2, 3)),
}
_FIELDS = 5


def read_users(folder: Path, layout: Layout, user_ids: np.ndarray) -> dict[str, np.ndarray]:
    """Columns `gender` and `occupation` str, `age` int64, each [users]; nothing where the set has no such file.

    A user without a row has no gender and no occupation, and the age 0. In 1m ages are the first of a range, and
    occupations numbers, as its README says.

    Raises:
        DataError: with the line of the first row that cannot be used.
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
