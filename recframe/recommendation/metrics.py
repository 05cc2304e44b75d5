"""The metrics of Model Maker's recommendation task, under its names, counted over every example.

`Global_Recall/Recall_k` is the share of labels among the k best of all items, and `global_mean_rank` their mean rank
from 0. `Batch_Recall/Recall_k` and `batch_mean_rank` rank among the labels of the batch. Ties count against the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recframe.evaluation.example_ranks import rank_examples
from recframe.evaluation.scorers import InputScorer
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.examples import ExampleColumns


class Metrics(list[float]):
    """The values in Model Maker's order, and by name: `metrics["loss"]`."""

    def __init__(self, figures: dict[str, float]) -> None:
        super().__init__(figures.values())
        self.names = tuple(figures)

    def __getitem__(self, key: int | slice | str) -> float | list[float]:  # type: ignore[override]
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def as_dict(self) -> dict[str, float]:
        return dict(zip(self.names, self, strict=True))


class History(dict[str, list[float]]):
    """The values of each epoch by metric, with the `.history` and `.epoch` of Keras's History."""

    @property
    def history(self) -> dict[str, list[float]]:
        return dict(self)

    @property
    def epoch(self) -> list[int]:
        return list(range(len(next(iter(self.values()), []))))


def evaluate(
    scorer: InputScorer, most: int, examples: ExampleColumns, known: np.ndarray, cutoffs: Sequence[int], batch: int
) -> Metrics:
    """The metrics of the examples with a label. `most`, `known` and `batch` are those of `rank_examples`."""
    labelled = examples if (examples.labels > 0).all() else examples.take(np.flatnonzero(examples.labels > 0))
    ranked = rank_examples(scorer, labelled.columns, labelled.labels, known, batch, most)
    figures = {"loss": float(ranked.losses.mean(dtype=np.float64))}
    for among, ranks in (("Global", ranked.ranks), ("Batch", ranked.in_batch)):
        figures |= _recalls(among, ranks, cutoffs) | {f"{among.lower()}_mean_rank": float(ranks.mean())}
    return Metrics(figures)


def lite_recall(path: Path, examples: ExampleColumns, cutoffs: Sequence[int]) -> dict[str, float]:
    """`Global_Recall/Recall_k` of an exported model, over the examples with a label.

    Raises:
        ApiValueError: The file cannot be read, reads other features, or returns fewer ids than the largest k.
    """
    from recframe.export.litert.lite import ask_lite

    try:
        ask = ask_lite(path.read_bytes())
    except (OSError, ValueError, RuntimeError) as error:
        raise ApiValueError(f"{path} cannot be read as a LiteRT model: {str(error).splitlines()[0]}") from None
    ranks = []
    for row in np.flatnonzero(examples.labels > 0):
        try:
            ids = ask({name: values[row] for name, values in examples.columns.items()}).ids.reshape(-1)
        except (KeyError, ValueError) as error:
            raise ApiValueError(f"{path} reads other features than the data has: {error}") from None
        if max(cutoffs) > len(ids):
            raise ApiValueError(f"eval_top_k: {max(cutoffs)} is more than the {len(ids)} ids that {path.name} returns")
        ranks.append([*ids.tolist(), examples.labels[row]].index(examples.labels[row]))
    return _recalls("Global", np.array(ranks), cutoffs)


def _recalls(among: str, ranks: np.ndarray, cutoffs: Sequence[int]) -> dict[str, float]:
    return {f"{among}_Recall/Recall_{k}": float((ranks < k).mean()) for k in cutoffs}
