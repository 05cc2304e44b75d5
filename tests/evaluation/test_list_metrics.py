from __future__ import annotations

import itertools

import attrs
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.data.prepare import PreparedData
from recframe.data.splits import TEST
from recframe.errors import SpecError
from recframe.evaluation.categories import Categories
from recframe.evaluation.list_metrics import ItemStatistics
from recframe.evaluation.ranking import rank_targets
from recframe.evaluation.scorers import by_rows, from_scores
from tests.evaluation.data import prepared


def test_diversity_by_hand() -> None:
    bits = np.array([[0], [0b01], [0b01], [0b11], [0b10], [0]], np.uint64)
    table = np.array([[1, 2, 3, 4], [5, 5, 0, 0], [1, 0, 0, 0]])
    diversity = Categories(bits).diversity(table, np.array([0, 1, 2, 3]))
    # The pairs of 1, 2, 3, 4: (1, 2) 0, (1, 3) and (2, 3) 1/2, (1, 4) and (2, 4) 1, (3, 4) 1/2.
    np.testing.assert_allclose(diversity[0], [0, 0, 1 / 3, 3.5 / 6])
    np.testing.assert_allclose(diversity[1], [0, 1, 1, 1])  # nothing says that they are alike
    np.testing.assert_allclose(diversity[2], 0)  # one item has no pair


def _category_sets(data: PreparedData, column: str) -> list[set[str]]:
    values = data.interactions.items[column]
    sets = [set(v) if isinstance(v, list) else {str(v)} - {""} for v in values]
    return [sets[row] if row >= 0 else set() for row in data.label_items]


@given(st.integers(0, 2**32 - 1), st.sampled_from([None, "genres", "kind"]), st.booleans())
@settings(deadline=None, max_examples=25)
def test_list_metrics_are_those_of_a_loop(seed: int, category: str | None, ties: bool) -> None:
    data = prepared("split=temporal", seed=seed % 7)
    targets = data.targets(TEST)
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(data.interactions.num_events, data.num_labels)).astype(np.float32)
    scores = np.round(scores) if ties else scores
    cutoffs = (1, 3, 8)
    item_statistics = ItemStatistics.of(data, category)
    scorer = by_rows(lambda chosen: from_scores(scores[chosen]))
    ranks = rank_targets(scorer, data, targets, cutoffs, 7, item_statistics)
    sets, counts = _category_sets(data, category or "genres"), data.label_counts
    for excluded in ranks:
        for k in cutoffs:
            lists, before = [], []
            for target in targets:
                history = data.labels[data.interactions.offsets[data.users[target]] : target]
                hidden = set(history.tolist()) if excluded else set()
                items = [i for i in range(1, data.num_labels) if i not in hidden]
                lists.append(sorted(items, key=lambda i: (-scores[target, i], i))[:k])
                before.append(np.mean(counts[history]))
            information = [[-np.log2((counts[i] + 1) / (counts.sum() + data.num_items)) for i in row] for row in lists]
            popularity = np.mean([np.mean(counts[row]) for row in lists]) / np.mean(before)
            metrics = ranks[excluded].list_metrics
            assert metrics[f"coverage@{k}"] == len(set(itertools.chain(*lists))) / data.num_items
            np.testing.assert_allclose(metrics[f"novelty@{k}"], np.mean([np.mean(row) for row in information]))
            np.testing.assert_allclose(metrics[f"popularity_bias@{k}"], popularity)
            if k > 1:
                apart = [
                    np.mean([_distance(sets[a], sets[b]) for a, b in itertools.combinations(row, 2)]) for row in lists
                ]
                np.testing.assert_allclose(metrics[f"diversity@{k}"], np.mean(apart))
            else:
                assert f"diversity@{k}" not in metrics


def _distance(one: set[str], other: set[str]) -> float:
    return 1 - len(one & other) / len(one | other) if one | other else 1.0


def test_more_categories_than_bits_of_a_word() -> None:
    data = prepared(items=150, events=2000)
    interactions = attrs.evolve(data.interactions, items={**data.interactions.items, "shelf": np.arange(150)})
    data = attrs.evolve(data, interactions=interactions)
    item_statistics = ItemStatistics.of(data, "shelf")
    assert item_statistics.categories is not None
    assert item_statistics.categories.bits.shape == (data.num_labels, 3)
    assert (np.bitwise_count(item_statistics.categories.bits).sum(axis=1) == data.known).all()


def test_an_unknown_category_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SpecError, match=r"evaluation\.category: no column 'gnere'.*genres, kind"):
        ItemStatistics.of(prepared(), "gnere")
