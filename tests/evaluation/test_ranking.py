from __future__ import annotations

import numpy as np
from hypothesis import given, settings, strategies as st

from recframe.data.splits import TEST
from recframe.evaluation.block_ranking import BlockRanking, Rows
from recframe.evaluation.list_metrics import ItemStatistics
from recframe.evaluation.ranking import rank_targets, ranks_and_lists
from recframe.evaluation.scorers import (
    BLOCK_BYTES,
    COLUMNS,
    MOST_COLUMNS,
    Tile,
    by_rows,
    by_target,
    from_scores,
    tile_of,
)
from tests.evaluation.data import prepared, prepared_of


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(2, 1_800),
    st.sampled_from(("differ", "tie", "constant", "infinite")),
    st.booleans(),
    st.sampled_from((1.0, 0.5, 0.1, 0.01)),
)
@settings(deadline=None)
def test_ranks_and_lists_are_those_of_a_sort(
    seed: int, k: int, extra: int, kind: str, few_unseen: bool, share: float
) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = 5, k + extra
    scores = rng.normal(size=(rows, columns)).astype(np.float32)
    if kind == "tie":
        scores = np.round(scores)  # of both zeros too
    elif kind == "constant":
        scores[:] = 0.5
    elif kind == "infinite":
        scores[rng.random(scores.shape) < 0.5] = -np.inf
    known = rng.random(columns) < 0.9
    known[0], known[columns // 2 :] = False, True
    labels = rng.integers(columns // 2, columns, rows)
    seen = np.flatnonzero(rng.random(rows * columns) < (0.99 if few_unseen else 0.2))
    repeated = rng.permutation(np.concatenate([seen, seen[::2]]))  # an item that a user had twice
    ranking = BlockRanking(Tile(rows + 2, max(1, int(share * columns))), known)
    ranked = ranking.rank(Rows(from_scores(scores), labels, *np.divmod(repeated, columns)), k)
    hidden = np.zeros((rows, columns), bool)
    hidden.reshape(-1)[seen] = True
    for ranks, best, excluded in zip(ranked.ranks, ranked.best, (np.zeros_like(hidden), hidden), strict=True):
        for row in range(rows):
            candidates = [c for c in range(1, columns) if known[c] and not excluded[row, c]]
            by_score = sorted(candidates, key=lambda c: -scores[row, c])[:k]
            assert best[row].tolist() == by_score + [0] * (k - len(by_score))
            if labels[row] in candidates:
                assert ranks[row] == sum(scores[row, c] >= scores[row, labels[row]] for c in candidates)
            else:
                assert ranks[row] == np.count_nonzero(known) + 1  # behind all of the others


def test_a_catalogue_of_many_blocks_is_ranked_as_by_one_sort() -> None:
    rng = np.random.default_rng(3)
    items, targets, width = MOST_COLUMNS + 5_000, 700, 16
    data = prepared_of(rng.integers(0, 700, 9_000), rng.integers(0, items, 9_000), items)
    targets = data.targets(TEST)[:targets]
    table = rng.normal(size=(data.num_labels, width)).astype(np.float32)
    table[1_000:1_400] = table[20_000:20_400]  # ties between blocks, to the bit
    model = _Products(rng.normal(size=(data.interactions.num_events, width)).astype(np.float32), table)
    item_statistics = ItemStatistics.of(data, None)
    ranks = rank_targets(model.by_target, data, targets, (10,), 256, item_statistics)
    ranks_beside_lists, lists = ranks_and_lists(model.by_target, data, targets, 10, 256)
    np.testing.assert_array_equal(ranks_beside_lists, ranks[data.exclude_seen].ranks)
    for place in range(0, len(targets), 7):
        target = targets[place]
        scores = (table @ model.vectors[target]).astype(np.float64)
        scores[~data.known] = -np.inf
        label = data.labels[target]
        seen = data.labels[data.interactions.offsets[data.users[target]] : target]
        close = np.abs(scores - scores[label]) < 1e-4  # rounding may put these on either side
        lowest = np.count_nonzero((scores > scores[label]) & ~close) + 1
        assert lowest <= ranks[False].ranks[place] <= lowest + np.count_nonzero(close)
        if data.exclude_seen:
            scores[seen] = -np.inf
        np.testing.assert_allclose(scores[lists[place]], np.sort(scores)[::-1][:10], atol=1e-4)


class _Products:
    def __init__(self, vectors: np.ndarray, table: np.ndarray) -> None:
        self.vectors, self.table = vectors, table

    def by_target(self, targets):  # type: ignore[no-untyped-def]
        def of_rows(rows):  # type: ignore[no-untyped-def]
            return lambda columns, out: np.matmul(self.vectors[targets[rows]], self.table[columns].T, out=out)

        return of_rows


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
            by_rows(lambda targets, value=value: lambda columns, out: out.fill(value)),
            data,
            data.targets(TEST),
            (5,),
            batch=16,
        )
        assert (ranks[False].ranks >= data.num_labels - 1).all()


def test_a_nan_among_numbers_counts_as_better_with_and_without_seen_items() -> None:
    scores = np.array([[9, 1, np.nan, 3, 2], [9, 1, np.nan, 3, 2]], np.float32)
    labels, seen = np.array([3, 3]), np.array([2, 2, 3, 1])  # the first has had the NaN, twice, and its label
    for columns in (5, 3, 1):
        rows = Rows(from_scores(scores), labels, np.array([0, 0, 0, 1]), seen)
        among_all, among_unseen = BlockRanking(Tile(2, columns), np.arange(5) > 0).rank(rows, 2).ranks
        assert among_all.tolist() == [2, 2]
        assert among_unseen.tolist() == [5, 2]  # the first label stands behind all four


def test_blocks_fit_into_the_cache_whatever_the_catalogue() -> None:
    assert tile_of(512, 1_000) == Tile(512, 1_000)
    tile = tile_of(512, 9_001)
    assert tile.columns == 9_001
    assert 4 * 9_001 * tile.rows <= BLOCK_BYTES < 4 * 9_001 * 512
    assert tile_of(512, 10_000_000) == tile_of(512, 40_000) == Tile(256, COLUMNS)
    assert tile_of(8, 10_000_000) == Tile(8, COLUMNS)
