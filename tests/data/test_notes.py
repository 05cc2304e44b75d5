"""The notes on a declared vocabulary that the data does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recframe.interactions.interactions import Interactions
from tests.data.test_features import _interactions, _prepared


def test_values_outside_a_vocabulary_are_named(tmp_path: Path) -> None:
    data, file = _interactions(4), tmp_path / "kinds.txt"
    file.write_text("e\nc\nb\n", encoding="utf-8")
    prepared = _prepared(data, f"kind:{{type:string,source:kinds,length:8,vocab_name:'{file}'}}")
    # What the first line says, for unknown, is unknown with good reason.
    assert prepared.notes == ("feature 'kind': values that are not in its vocabulary count as unknown: a, d",)


def test_values_of_users_and_many_ids_are_named() -> None:
    who = "item:{type:int,vocab_size:4}}},who:{scope:user,features:{age:{type:int,source:age,vocab_size:3}"
    data = _interactions(2)
    data.users["age"][:] = np.arange(data.num_users) + 1
    assert _prepared(data, who).notes == (
        "feature 'item': values that are not in its vocabulary count as unknown: 4, 7, 8 and 1 more",
        "feature 'age': values that are not in its vocabulary count as unknown: 3, 4, 5 and 1 more",
    )


def test_a_learnt_vocabulary_gives_a_note_only_where_its_limit_is_too_low() -> None:
    for limit, notes in (
        ("", ()),
        (",max_vocabulary:9", ()),
        (",max_vocabulary:2,hash_buckets:2", ()),
        (
            ",max_vocabulary:3",
            ("feature 'nr': values that exceed max_vocabulary=3 or are not in training count as unknown: 3, 4",),
        ),
        (
            ",max_vocabulary:1",
            (
                "feature 'nr': values that exceed max_vocabulary=1 or are not in training count as unknown: "
                "3, 4, 8 and 1 more",
            ),
        ),
    ):
        assert _prepared(_interactions(2), f"item:{{type:int}},nr:{{type:int,source:item{limit}}}").notes == notes


def test_a_label_vocabulary_that_is_mostly_empty_is_told() -> None:
    outside, wide = (_prepared(_interactions(2), "item:{type:int}", f"label.vocab_size={n}").notes for n in (9, 50))
    beyond = np.count_nonzero(_interactions(2).item == 4)
    assert len(outside) == 2
    assert outside[0] == (
        f"{beyond} of 60 events have an item id below 1 or not below label.vocab_size=9: these events are left out"
    )
    assert wide == (
        "label.vocab_size=50: only 5 of these ids are items of the data; the others are never recommended, but they "
        "make training slower and the model larger",
    )


def test_events_that_cannot_be_evaluated_are_counted() -> None:
    """Users of whom nothing is known before, as in a split of the user's own; counted here user by user."""
    train = [(user, item) for user in range(5) for item in (1, 2, 3)]
    validation = [(0, 4), (1, 4), (5, 1)]
    test = [(0, 1), (1, 2), (2, 3), (5, 2), (6, 1), (6, 2), (7, 3)]
    rows = [(*row, part) for part, events in ((0, train), (1, validation), (2, test)) for row in events]
    user, item, part = (np.array(column) for column in zip(*rows, strict=True))
    ids = {"id": np.array([10, 20, 30, 40, 50])}
    data = Interactions.from_columns(user, item, np.arange(len(user)), ids, parts=part)
    known, evaluated, cold = set[int](), [0, 0, 0], [0, 0, 0]
    for who, _, of in rows:
        (evaluated if who in known else cold)[of] += 1
        known.add(who)
    prepared = _prepared(data, "item:{type:int}")
    assert [len(prepared.targets(of)) for of in (1, 2)] == evaluated[1:] == [2, 5]
    assert cold[1:] == [1, 2]
    assert prepared.notes == (
        "1 of 3 validation events are not evaluated: the user has no earlier event",
        "2 of 7 test events are not evaluated: the user has no earlier event",
    )
