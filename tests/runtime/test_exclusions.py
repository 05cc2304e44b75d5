"""What must not be recommended is not, whether the graph or NumPy leaves it out, and k items come where there are k."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.runtime import Bundle, BundleError
from recframe.runtime.ranking import best
from tests.runtime.bundles import ITEMS, STEPS, K, export, scores_of

LISTS = ["export.exclude_ids=4", "export.allow_ids=6"]


@pytest.fixture(scope="module")
def with_lists(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle(export(tmp_path_factory.mktemp("with") / "export", *LISTS))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle(export(tmp_path_factory.mktemp("plain") / "export"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """One signature, no list, and the history is not left out."""
    overrides = ["export.scores_signature=false", "exclude_seen=false"]
    return Bundle(export(tmp_path_factory.mktemp("alone") / "export", *overrides))


_items = st.integers(1, ITEMS)


@settings(max_examples=40, deadline=None)
@given(
    history=st.lists(_items, max_size=3 * STEPS),
    exclude=st.lists(_items, max_size=7),
    allow=st.none() | st.lists(_items, max_size=9),
    k=st.integers(1, ITEMS),
)
def test_graph_and_scores_and_brute_force_agree(
    with_lists: Bundle, plain: Bundle, history: list[int], exclude: list[int], allow: list[int] | None, k: int
) -> None:
    row = np.zeros((1, STEPS), np.int32)
    row[0, : len(history[-STEPS:])] = history[-STEPS:]
    scores = scores_of(plain.folder)(item=row)[0].tolist()
    may = [i for i in range(1, ITEMS + 1) if i not in history and i not in exclude]
    may = [i for i in may if allow is None or i in allow]
    wanted = sorted(may, key=lambda i: (-scores[i], i))[:k]
    raw = plain.labels
    for bundle in (with_lists, plain):
        items = bundle.recommend(
            [raw[i] for i in history],
            k,
            exclude=[raw[i] for i in exclude],
            allow=None if allow is None else [raw[i] for i in allow],
        )
        assert [item.id for item in items] == [raw[i] for i in wanted]
        np.testing.assert_allclose([item.score for item in items], [scores[i] for i in wanted], rtol=1e-4, atol=1e-5)


def test_titles_and_numbers_name_items_too(with_lists: Bundle) -> None:
    bundle = with_lists
    first, second = bundle.recommend([1, 2])[:2]
    assert first.title in bundle
    assert int(first.id) in bundle
    assert "no such film" not in bundle
    left = bundle.recommend([1, 2], exclude=[first.title, int(second.id)])
    assert len(left) == K
    assert not {first.id, second.id} & {item.id for item in left}
    assert bundle.recommend([1, 2], allow=[second.title, first.id]) == [first, second]
    assert bundle.recommend([1, 2], allow=[]) == []
    with pytest.raises(BundleError, match="did you mean"):
        bundle.recommend([1], exclude=[f"{first.title}!"])
    for wrong in (first.id, None, 5):
        with pytest.raises(BundleError, match="expected a list of items, got "):
            bundle.recommend([1], exclude=wrong)  # type: ignore[arg-type]
    assert bundle.recommend([1], exclude=(item for item in (1, 2))) == bundle.recommend([1], exclude=[1, 2])  # type: ignore[arg-type]


def test_more_than_the_models_own_k(plain: Bundle) -> None:
    every = plain.recommend([3, 4], ITEMS)
    assert len(every) == ITEMS - 2
    short = plain.recommend([3, 4])
    assert [item.id for item in every[:K]] == [item.id for item in short]
    for k in (0, ITEMS + 1, 2.5, True, "3"):
        with pytest.raises(BundleError, match=f"k is {k!r}: it must be a whole number between 1 and {ITEMS}"):
            plain.recommend([3], k)  # type: ignore[arg-type]
    assert plain.recommend([3], np.int64(2)) == plain.recommend([3], 2)


@pytest.mark.parametrize("times", [["yesterday"], [None], [2**70], [[1]]])
def test_times_that_are_none_are_told(plain: Bundle, times: list[object]) -> None:
    with pytest.raises(BundleError, match="timestamps: expected whole Unix seconds, got "):
        plain.recommend([3], timestamps=times)  # type: ignore[arg-type]


def test_a_bundle_without_lists_and_scores_says_what_to_export(alone: Bundle) -> None:
    best_of_all = alone.recommend([3, 4])
    assert alone.recommend([3, 4], K) == best_of_all
    assert alone.recommend([3, 4], allow=[]) == []
    with pytest.raises(
        BundleError, match=r"export\.exclude_ids=2 export\.allow_ids=1, or with export\.scores_signature"
    ):
        alone.recommend([3], exclude=[1, 2], allow=[5])
    with pytest.raises(BundleError, match=r"between 1 and 5 \(model\.num_predictions"):
        alone.recommend([3], K + 1)


@pytest.mark.parametrize(
    "overrides",
    [(), ("export.exclude_ids=20",), ("export.scores_signature=false", "export.exclude_ids=20")],
    ids=["by all scores", "by the model's list or all scores", "by the model's list"],
)
def test_no_item_of_a_long_history_comes_back(tmp_path: Path, overrides: tuple[str, ...]) -> None:
    bundle = Bundle(export(tmp_path / "export", *overrides))
    rng = np.random.default_rng(2)
    for length in (0, 1, STEPS, STEPS + 1, 3 * STEPS, ITEMS - K, ITEMS - 1):
        history = rng.permutation(ITEMS)[:length] + 1
        if length - STEPS > 20 and "export.scores_signature=false" in overrides:
            continue  # does not fit
        row = np.zeros((1, STEPS), np.int32)
        row[0, : len(history[-STEPS:])] = history[-STEPS:]
        answer = bundle.recommend([bundle.labels[label] for label in history])
        assert len(answer) == min(K, ITEMS - length)
        assert not {item.id for item in answer} & {bundle.labels[label] for label in history}
        assert bundle.recommend_batch([[bundle.labels[label] for label in history]]) == [answer]


def test_without_scores_or_list_older_items_are_dropped_from_the_answer(tmp_path: Path) -> None:
    bundle = Bundle(export(tmp_path / "export", "export.scores_signature=false", "export.max_recall_drop=1"))
    recent = [bundle.labels[label] for label in range(1, STEPS + 1)]
    own = bundle.recommend(recent)
    assert len(own) == K
    assert bundle.recommend([own[1].id, "40", own[3].id, *recent]) == [own[0], own[2], own[4]]


def test_scores_are_shown_as_the_graph_shows_them(tmp_path: Path) -> None:
    bundle = Bundle(export(tmp_path / "export", "export.scores=sigmoid", "exclude_seen=false"))
    by_graph, by_scores = bundle.recommend([3, 4]), bundle.recommend([3, 4], K + 1)
    assert [item.id for item in by_graph] == [item.id for item in by_scores[:K]]
    np.testing.assert_allclose([i.score for i in by_graph], [i.score for i in by_scores[:K]], rtol=1e-5)
    assert all(0 < item.score < 1 for item in by_scores)
    # The history is not left out, if nothing asks for it.
    assert {item.id for item in bundle.recommend([3, 4], ITEMS)} == set(bundle.id_of)


@given(
    st.lists(st.sampled_from([-1e30, -2.0, 0.0, 0.5, 1.0]), min_size=1, max_size=12),
    st.integers(1, 14),
    st.sets(st.integers(0, 11)),
)
def test_equal_scores_come_by_rising_id(scores: list[float], k: int, left_out: set[int]) -> None:
    may = [i for i, score in enumerate(scores) if score > -1e30 and i not in left_out]
    out = [i for i in left_out if i < len(scores)]
    assert best(np.array(scores, np.float32), k, out, None) == sorted(may, key=lambda i: (-scores[i], i))[:k]
