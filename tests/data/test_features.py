from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import histories, history_events
from recframe.data.splits import TEST
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import Interactions
from tests.composed import spec_of

KINDS: tuple[list[str], ...] = (["a"], ["b", "c"], [], ["c", "a", "d"], ["e"])


def _interactions(seed: int, users: int = 6, events: int = 60) -> Interactions:
    rng = np.random.default_rng(seed)
    kinds = np.empty(len(KINDS), object)
    kinds[:] = [list(values) for values in KINDS]
    made = Interactions.from_columns(
        rng.integers(0, users, events),
        rng.integers(0, len(KINDS), events),
        np.arange(events),
        {"id": np.array([3, 4, 7, 8, 20]), "kinds": kinds},
    )
    ages = rng.integers(1, 4, made.num_users)
    object.__setattr__(made, "users", {"age": ages})
    return made


def _prepared(data: Interactions, features: str, *more: str) -> PreparedData:
    overrides = ["~groups.history.features.item", f"groups={{history:{{features:{{{features}}}}}}}", *more]
    return prepare(spec_of(*overrides, "model.history_length=4"), recframe.load_plugins(), data)


@given(st.integers(0, 999), st.integers(1, 12))
@settings(deadline=None, max_examples=30)
def test_several_values_a_step_stand_one_after_another_and_the_oldest_are_kept(seed: int, length: int) -> None:
    data = _interactions(seed)
    prepared = _prepared(data, f"kind:{{type:string,source:kinds,length:{length}}}")
    feature, targets = prepared.features["kind"], prepared.targets(TEST)
    assert feature.vocabulary is not None
    for row, events in zip(histories(prepared, targets)["kind"], history_events(prepared, targets, 4), strict=True):
        flat = [kind for event in events if event < data.num_events for kind in KINDS[data.item[event]]][:length]
        assert [feature.vocabulary[code] for code in row[: len(flat)]] == flat
        assert not row[len(flat) :].any()


def test_a_user_feature_has_one_value_and_padding() -> None:
    data = _interactions(1)
    features = "item:{type:int}}},who:{scope:user,features:{age:{type:int,source:age,length:3}"
    prepared = _prepared(data, features)
    targets = prepared.targets(TEST)
    rows = histories(prepared, targets)["age"]
    vocabulary = prepared.features["age"].vocabulary
    assert vocabulary is not None
    ages = data.users["age"][prepared.users[targets]]
    assert [vocabulary[code] for code in rows[:, 0]] == [str(age) for age in ages]
    assert rows.shape == (len(targets), 3)
    assert not rows[:, 1:].any()
    assert not prepared.aligned


def test_declared_ids_stand_for_themselves_and_absent_ones_are_not_known() -> None:
    data = _interactions(2)
    prepared = _prepared(data, "item:{type:int,vocab_size:9}", "label.vocab_size=9")
    assert np.flatnonzero(prepared.known).tolist() == [3, 4, 7, 8]
    raw = data.items["id"][data.item]
    np.testing.assert_array_equal(prepared.labels, raw[raw < 9])
    np.testing.assert_array_equal(prepared.features["item"].codes[:-1], prepared.labels)
    assert "20" not in prepared.label_vocabulary
    assert "are left out" in prepared.notes[0]


def test_events_outside_the_declared_ids_are_as_if_the_data_never_had_them() -> None:
    """Otherwise an app, which can't name these items, gives the model other histories than training does."""
    user, item = np.array([0, 0, 0, 0, 1, 2, 2, 2, 2, 2]), np.array([0, 4, 1, 2, 4, 3, 3, 4, 1, 0])
    ids, kept = {"id": np.array([3, 4, 7, 8, 20])}, item != 4
    age = np.array([31, 32, 33])
    whole, less = (
        Interactions.from_columns(user[rows], item[rows], np.arange(10)[rows], ids)
        for rows in (np.full(10, True), kept)
    )
    object.__setattr__(whole, "users", {"age": age})
    object.__setattr__(less, "users", {"age": age[[0, 2]]})
    features = "item:{type:int}}},who:{scope:user,features:{age:{type:int,source:age}"
    a, b = (_prepared(data, features, "label.vocab_size=9") for data in (whole, less))
    assert whole.num_users - 1 == a.interactions.num_users == 2
    assert a.sha256() == b.sha256()
    assert a.order.summary == b.order.summary
    for name, rows in histories(a, a.targets(TEST)).items():
        np.testing.assert_array_equal(rows, histories(b, b.targets(TEST))[name])


def test_declared_ids_that_no_event_has_are_refused() -> None:
    with pytest.raises(SpecError, match=r"label\.vocab_size: no event .* from 1 to 2, .* 3 to 20; set it to 21"):
        _prepared(_interactions(2), "item:{type:int}", "label.vocab_size=3")


def test_ids_that_are_no_numbers_cannot_stand_for_themselves() -> None:
    data = _interactions(3)
    object.__setattr__(data, "items", {**data.items, "id": np.array(list("vwxyz"))})
    with pytest.raises(DataError, match=r"label\.vocab_size: item ids .* must be integers"):
        _prepared(data, "item:{type:string}", "label.vocab_size=9")


def test_a_vocabulary_file_gives_the_ids_and_is_checked(tmp_path: Path) -> None:
    data, file = _interactions(4), tmp_path / "kinds.txt"
    file.write_text("UNK\nc\nb\n", encoding="utf-8")
    kind = f"kind:{{type:string,source:kinds,length:8,vocab_name:'{file}'"
    prepared = _prepared(data, kind + "}")
    assert prepared.features["kind"].vocabulary == ("UNK", "c", "b")
    assert set(histories(prepared, prepared.targets(TEST))["kind"].reshape(-1).tolist()) <= {0, 1, 2}
    file.write_text("UNK\nc\x0c\u2028d\nb\n", encoding="utf-8")  # which end no line
    assert _prepared(data, kind + "}").features["kind"].vocabulary == ("UNK", "c\x0c\u2028d", "b")
    with pytest.raises(DataError, match="has 3 lines, but vocab_size is 2"):
        _prepared(data, kind + ",vocab_size:2}")
    file.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        _prepared(data, kind + "}")


def test_features_of_one_group_need_the_same_length() -> None:
    with pytest.raises(recframe.SpecError, match=r"groups\.history\.features: .* item has 4, more has 6"):
        _prepared(_interactions(5), "item:{type:int},more:{type:int,length:6}")
