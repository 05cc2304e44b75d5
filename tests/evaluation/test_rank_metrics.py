"""Metrics computed by hand, and by ir_measures, which uses trec_eval."""

from __future__ import annotations

import ir_measures
import numpy as np
from hypothesis import given, settings, strategies as st
from ir_measures import AP, RR, P, R, Success, nDCG

from recframe.evaluation.block_ranking import BlockRanking, Rows
from recframe.evaluation.rank_metrics import all_metrics, gain_columns, main_metrics
from recframe.evaluation.ranking import Ranks
from recframe.evaluation.scorers import Tile, from_scores

THEIRS = {"recall": R, "precision": P, "ndcg": nDCG, "map": AP, "mrr": RR, "hit_rate": Success}


def test_metrics_by_hand() -> None:
    metrics = Ranks(np.array([1, 3, 11]), {"coverage@10": 0.5, "coverage@1": 0.1}).metrics((10,))
    assert metrics["recall@10"] == metrics["hit_rate@10"] == 2 / 3
    np.testing.assert_allclose(metrics["precision@10"], 2 / 30)
    np.testing.assert_allclose(metrics["ndcg@10"], (1 + 0.5) / 3)
    np.testing.assert_allclose(metrics["mrr@10"], (1 + 1 / 3) / 3)
    assert metrics["map@10"] == metrics["mrr@10"]
    assert metrics["mean_rank"] == 5
    assert metrics["coverage@10"] == 0.5
    assert "coverage@1" not in metrics


def test_columns_and_means_agree() -> None:
    ranks = np.array([1, 2, 7, 30])
    names, columns = gain_columns(ranks, (1, 5))
    assert dict(zip(names, columns.mean(axis=0), strict=True)) == main_metrics(ranks, (1, 5))


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(2, 60))
@settings(deadline=None, max_examples=60)
def test_an_independent_library_computes_the_same(seed: int, rows: int, items: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.stack([rng.permutation(items + 1) for _ in range(rows)]).astype(np.float32)
    labels = rng.integers(1, items + 1, rows)
    none = np.empty(0, np.int64)
    ranking = BlockRanking(Tile(rows, items + 1), np.arange(items + 1) > 0)
    ranks, _ = ranking.rank(Rows(from_scores(scores), labels, none, none)).ranks
    relevant = {f"q{row}": {f"d{label}": 1} for row, label in enumerate(labels)}
    run = {f"q{row}": {f"d{item}": float(scores[row, item]) for item in range(1, items + 1)} for row in range(rows)}
    cutoffs = sorted({1, 2, 5, 10, items})
    measures = {f"{name}@{k}": measure @ k for name, measure in THEIRS.items() for k in cutoffs}
    theirs = ir_measures.calc_aggregate(list(measures.values()), relevant, run)
    ours = {name: value for k in cutoffs for name, value in all_metrics(ranks, k).items()}
    assert set(ours) == set(measures)
    for name, measure in measures.items():
        np.testing.assert_allclose(ours[name], theirs[measure], atol=1e-6, err_msg=name)
