from __future__ import annotations

from typing import Any

import pytest

import recframe
from recframe.reporting.verdict import verdict


def _metrics(own: float, half: float = 0.02, epochs: tuple[float, ...] = (0.1, 0.2, 0.1, 0.1)) -> dict[str, Any]:
    ends = {"intervals": {"ndcg@10": [own - half, own + half]}}
    return {
        "test": {"ndcg@5": 0.9, "ndcg@10": own, "mean_rank": 3.0, **ends},
        "baselines": {"popularity": {"ndcg@10": 0.1}, "recent_popularity": {"ndcg@10": 0.3}},
        "training": [{"epoch": place, "ndcg@10": figure} for place, figure in enumerate(epochs, 1)],
    }


def _verdict(metrics: dict[str, Any], *overrides: str) -> str:
    return verdict(metrics, recframe.compose(["train.epochs=4", *overrides]))


def test_it_names_the_best_comparator_and_the_interval() -> None:
    assert _verdict(_metrics(0.35)) == (
        "ahead of recent popularity, the best comparator, on test ndcg@10, 0.3500 ± 0.0200 against 0.3000"
    )
    assert _verdict(_metrics(0.29)) == (
        "level with recent popularity, the best comparator, on test ndcg@10, 0.2900 ± 0.0200 against 0.3000: the "
        "difference may be chance"
    )
    assert _verdict(_metrics(0.2)).startswith(
        "behind recent popularity on test ndcg@10, 0.2000 ± 0.0200 against 0.3000: try "
    )


@pytest.mark.parametrize(
    ("overrides", "epochs", "advice"),
    [
        ([], (0.1, 0.2, 0.3, 0.4), "train.epochs=12, since validation still improved"),
        (["model.embedding_start=uniform"], (0.4, 0.3, 0.2, 0.1), "model.embedding_start=cooccurrence"),
        (["model.width=32"], (0.4, 0.3, 0.2, 0.1), "model.width=64"),
        ([], (0.4, 0.3), "encoder=bow encoder.decay=true"),
        (["encoder=bow"], (0.4, 0.3), "encoder=lstm encoder.residual=true"),
    ],
)
def test_a_model_that_loses_gets_advice_that_composes(
    overrides: list[str], epochs: tuple[float, ...], advice: str
) -> None:
    sentence = _verdict(_metrics(0.2, epochs=epochs), *overrides)
    assert sentence.endswith(f"try {advice}")
    recframe.compose(advice.partition(",")[0].split())


def test_without_comparators_or_ranks_it_says_nothing() -> None:
    assert _verdict({**_metrics(0.2), "baselines": {}}) == ""
    assert _verdict({**_metrics(0.2), "test": {"mean_rank": 3.0}}) == ""
