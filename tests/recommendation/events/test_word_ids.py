"""Vocabularies that are made of the events, and read where they are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recframe.data.features import EventLists
from recframe.errors import DataError
from recframe.interactions.interactions import Column
from recframe.plugin.manager import load_plugins
from recframe.recommendation.events.word_ids import WordIds, split_words
from recframe.recommendation.feature_columns import STRING, FeatureColumn

GENRES = FeatureColumn("genres", STRING, 4, "genres.txt")
COLUMN = Column(np.array(["", "a|b", "b", "UNK|c"]), np.array([1, 2, 2, 0, 3]))


def test_words_by_falling_count_of_the_events(tmp_path: Path) -> None:
    word_ids = WordIds(tmp_path / "new", load_plugins())
    lists = word_ids.ids(COLUMN, GENRES, "|")
    assert (tmp_path / "new" / "genres.txt").read_text() == "UNK\nb\na\nc\n"
    assert isinstance(lists, EventLists)
    assert lists.values.tolist() == [2, 1, 1, 0, 3]
    assert lists.offsets.tolist() == [0, 0, 2, 3, 5, 5]
    assert lists.lists.tolist() == [1, 2, 2, 0, 3, 4]
    assert word_ids.lines == {"genres.txt": ("UNK", "b", "a", "c")}
    again = WordIds(tmp_path / "new", load_plugins()).ids(
        Column(np.array(["c|new", "a\rb"]), np.array([0, 1])), GENRES, "|"
    )
    assert isinstance(again, EventLists)
    assert again.values.tolist() == [3, 0, 0]


def test_a_word_that_breaks_lines_is_unknown(tmp_path: Path) -> None:
    column = Column(np.array(["a\rb", "a\nb", "a\u2028b"]), np.array([0, 1, 2, 2]))
    for _ in range(2):  # made, then read
        ids = WordIds(tmp_path, load_plugins()).ids(column, GENRES, "|")
        assert isinstance(ids, np.ndarray)
        assert ids.tolist() == [0, 0, 1, 1]
    assert (tmp_path / "genres.txt").read_bytes().decode() == "UNK\na\u2028b\n"


def test_one_word_an_event_is_a_step(tmp_path: Path) -> None:
    column = Column(np.array(["", "x", "y"]), np.array([2, 2, 0, 1]))
    steps = WordIds(tmp_path, load_plugins()).ids(column, GENRES, "|")
    assert isinstance(steps, np.ndarray)
    assert steps.tolist() == [1, 1, 0, 2]


def test_numbers_are_words_too() -> None:
    assert split_words(np.array([1.5, 2.0]), "|") == [["1.5"], ["2"]]
    assert split_words(np.array(["a|b", ""]), None) == [["a|b"], []]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"cannot write to .*file: .*; give another vocab_dir"):
        WordIds(tmp_path / "file", load_plugins()).ids(COLUMN, GENRES, "|")
