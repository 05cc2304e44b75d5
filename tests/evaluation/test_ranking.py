from __future__ import annotations

import numpy as np
from hypothesis import given, settings, strategies as st

from recframe.data.splits import TEST
from recframe.evaluation.block_ranking import Block, BlockRanking
from recframe.evaluation.ranking import rank_targets
from recframe.evaluation.scorers import BLOCK_BYTES, LEAST_ROWS, by_rows, by_target, rows_at_once
from tests.evaluation.data import prepared


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(2, 1_800), st.booleans(), st.booleans())
@settings(deadline=None)
def test_the_best_columns_are_those_that_sorting_finds(
    seed: int, k: int, extra: int, ties: bool, few_unseen: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = 5, k + extra
    scores = rng.normal(size=(rows, columns)).astype(np.float32)
    if ties:
        scores = np.round(scores)
    labels = rng.integers(1, columns, rows)
    seen = np.flatnonzero(rng.random(rows * columns) < (0.99 if few_unseen else 0.2))
    repeated = np.concatenate([seen, seen[::2]])  # an item that a user had twice
    block = Block(scores, labels, *np.divmod(repeated, columns))
    ranking = BlockRanking(rows + 2, np.arange(columns) > 0)
    before = scores.copy()
    ranks, results = ranking.ranks(block), ranking.best(block, k)
    np.testing.assert_array_equal(scores, before)
    hidden = np.zeros((rows, columns), bool)
    hidden.reshape(-1)[seen] = True
    for ranked, best, out in zip(ranks, results, (np.zeros_like(hidden), hidden), strict=True):
        at = 0
        for row in range(rows):
            candidates = [c for c in range(1, columns) if not out[row, c]]
            by_score = sorted(candidates, key=lambda c: -scores[row, c])[:k]
            assert best.columns[at : at + len(by_score)].tolist() == by_score
            assert best.places[at : at + len(by_score)].tolist() == list(range(len(by_score)))
            at += len(by_score)
            if labels[row] in candidates:
                assert ranked[row] == sum(scores[row, c] >= scores[row, labels[row]] for c in candidates)
            else:
                assert ranked[row] == columns  # behind all of the others, of which column 0 is none
        assert at == len(best.columns)


def test_ranks_match_a_loop_with_and_without_seen_items() -> None:
    data = prepared()
    targets = data.targets(TEST)
    table = np.round(np.random.default_rng(1).normal(size=(len(targets), data.num_labels)) * 2).astype(np.float32)
    place = {row.tobytes(): i for i, row in enumerate(_rows(data, targets))}

    def scorer(inputs):  # type: ignore[no-untyped-def]
        return np.stack([table[place[row.tobytes()]] for row in inputs["item"]])

    ranks = rank_targets(by_target(scorer, data), data, targets, (5,), batch=7)
    for i, target in enumerate(targets):
        scores = table[place[_rows(data, targets[i : i + 1])[0].tobytes()]]
        label = data.labels[target]
        better = {j for j in range(1, data.num_labels) if scores[j] >= scores[label] and j != label}
        seen = set(data.labels[data.interactions.offsets[data.users[target]] : target].tolist())
        assert ranks[False].ranks[i] == len(better) + 1
        assert ranks[True].ranks[i] == (data.num_items + 1 if label in seen else len(better - seen) + 1)


def _rows(data, targets):  # type: ignore[no-untyped-def]
    from recframe.data.sequences import histories

    return histories(data, targets)["item"]


def test_a_constant_or_nan_score_ranks_last() -> None:
    data = prepared()
    for value in (1.0, np.nan):
        ranks = rank_targets(
            by_rows(lambda targets, value=value: np.full((len(targets), data.num_labels), value, np.float32)),
            data,
            data.targets(TEST),
            (5,),
            batch=16,
        )
        assert (ranks[False].ranks >= data.num_labels - 1).all()


def test_a_nan_among_numbers_counts_as_better_with_and_without_seen_items() -> None:
    scores = np.array([[9, 1, np.nan, 3, 2], [9, 1, np.nan, 3, 2]], np.float32)
    labels, seen = np.array([3, 3]), np.array([2, 2, 3, 1])  # the first has had the NaN, twice, and its label
    block = Block(scores, labels, np.array([0, 0, 0, 1]), seen)
    among_all, among_unseen = BlockRanking(2, np.arange(5) > 0).ranks(block)
    assert among_all.tolist() == [2, 2]
    assert among_unseen.tolist() == [5, 2]  # the first label stands behind all four


def test_a_large_catalogue_is_ranked_in_smaller_blocks() -> None:
    assert rows_at_once(512, 1_000) == 512
    assert 4 * 27_001 * rows_at_once(512, 27_001) <= BLOCK_BYTES < 4 * 27_001 * 512
    assert rows_at_once(512, 10_000_000) == LEAST_ROWS
    assert rows_at_once(8, 10_000_000) == 8
