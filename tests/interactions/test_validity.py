"""What a dataset returns is looked at before anything is made of it."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest

from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from recframe.interactions.validity import require_valid


def interactions() -> Interactions:
    """Users a and b, with two and three events on three items."""
    return Interactions(
        offsets=np.array([0, 2, 5], np.int64),
        item=np.array([0, 1, 2, 0, 1], np.int32),
        timestamp=np.array([1, 2, 1, 1, 9], np.int64),
        user_ids=np.array(["a", "b"]),
        items={"id": np.array([10, 11, 12]), "title": np.array(["x", "y", "z"])},
        events={"rating": np.ones(5, np.float32)},
        users={"age": np.array([30, 40])},
        parts=np.array([0, 1, 0, 0, 2], np.int8),
    )


def test_right_ones_pass() -> None:
    require_valid(interactions(), "data")
    require_valid(attrs.evolve(interactions(), parts=None), "data")


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"items": {"id": np.array([10, 11, 12]), "title": np.array(["x", "y", "z"], object)}},
        r"items\['title'\] holds texts as Python objects",
    ),
    ({"timestamp": np.array([2, 1, 1, 1, 9], np.int64)}, "event 1 is older than the user's previous event"),
    ({"offsets": np.array([0, 3, 2, 5], np.int64)}, "2 users need 3"),
    ({"offsets": np.array([0, 6, 5], np.int64)}, "offsets must go from 0 to 5"),
    ({"offsets": np.array([1, 2, 5], np.int64)}, "offsets must go from 0 to 5"),
    ({"offsets": np.array([0, 2, 4], np.int64)}, "offsets must go from 0 to 5"),
    ({"offsets": np.array([0.0, 2.0, 5.0])}, "offsets must be int64, but it is float64"),
    ({"offsets": [0, 2, 5]}, "offsets must be a NumPy array with one dimension, but it is a list"),
    ({"item": np.array([0, 1, 2, 0, 1], np.int64)}, "item must be int32, but it is int64"),
    ({"item": np.array([0, 1, 3, 0, 1], np.int32)}, "item holds 0 to 3, but the item table has the rows 0 to 2"),
    ({"item": np.array([0, 1, -1, 0, 1], np.int32)}, "item holds -1 to 1"),
    ({"item": np.array([[0, 1, 2, 0, 1]], np.int32)}, "item must be a NumPy array with one dimension"),
    ({"timestamp": np.array([1, 2, 1, 1], np.int64)}, "timestamp has 4 values for 5 events"),
    ({"timestamp": np.array([1, 2, 1, 1, 9], "datetime64[s]")}, "timestamp must be int64"),
    ({"user_ids": np.array(["a", "a"])}, "user_ids holds an id twice"),
    ({"items": {"id": np.array([10, 11, 10])}}, r"items\['id'\] holds an id twice"),
    ({"items": {"id": np.array([10, "x", "10"], object)}}, r"items\['id'\] holds an id twice"),
    ({"items": {"title": np.array(["x", "y", "z"])}}, "has no column 'id'"),
    ({"items": {"id": [10, 11, 12]}}, r"items\['id'\] must be a NumPy array, but it is a list"),
    ({"items": {"id": np.arange(3), "title": np.array(["x"])}}, r"items\['title'\] has 1 values for 3 rows"),
    ({"events": {"rating": np.ones(4)}}, r"events\['rating'\] has 4 values for 5 rows"),
    ({"users": {"age": np.ones(5)}}, r"users\['age'\] has 5 values for 2 rows"),
    ({"parts": np.array([0, 1, 0, 0], np.int8)}, "parts must be 5 numbers from 0 to 3"),
    ({"parts": np.array([0, 1, 0, 0, 7], np.int8)}, "parts must be 5 numbers from 0 to 3"),
    (
        {
            "offsets": np.array([0, 0, 0], np.int64),
            "item": np.array([], np.int32),
            "timestamp": np.array([], np.int64),
            "events": {},
            "parts": None,
        },
        "there are no interactions",
    ),
    ({"items": None}, "items must be a mapping from column names to NumPy arrays, but is a NoneType"),
    ({"events": {"item": np.zeros(5)}}, "events\\['item'\\] can never be read"),
    (
        {"events": {"mood": np.array([0, 1, 2, 0, 1])}, "categories": {"mood": np.array(["a", "b"])}},
        "the places of its texts",
    ),
]


@pytest.mark.parametrize(("changes", "words"), WRONG, ids=[str(case) for case in range(len(WRONG))])
def test_wrong_ones_are_refused_with_who_gave_them(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=rf"^dataset 'x' of recframe-x 1: .*{words}"):
        require_valid(attrs.evolve(interactions(), **changes), "dataset 'x' of recframe-x 1")


@pytest.mark.parametrize("returned", [None, {"item": 1}, [1, 2]])
def test_another_thing_is_refused(returned: object) -> None:
    with pytest.raises(
        DataError,
        match=r"^data: expected recframe\.Interactions, not (None|a dict|a list)$",
    ):
        require_valid(returned, "data")
