"""Compares the answers of an exported model with those of the trained model, on real held-out histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from recframe.errors import ExportError
from recframe.export.graph.serving import NEVER
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.exporting import Answers
from recframe.runtime.ranking import share_kept
from recframe.runtime.top_k import top_k
from recframe.spec.experiment import ExperimentSpec

Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]


def expected_scores(
    spec: ExperimentSpec, catalogue: Catalogue, scores: np.ndarray, histories: Mapping[str, np.ndarray]
) -> np.ndarray:
    """The trained model's scores, float32 [histories, labels]; NEVER for what must not be recommended."""
    scores = scores.copy()
    scores[:, ~catalogue.known] = NEVER
    for name in catalogue.item_features if catalogue.exclude_seen else ():
        np.put_along_axis(scores, histories[name].astype(np.int64), np.float32(NEVER), axis=1)
    return scores


def expected_answers(
    spec: ExperimentSpec, catalogue: Catalogue, scores: np.ndarray, histories: Mapping[str, np.ndarray]
) -> Answers:
    """The answers that the exported model must give, from the trained model's scores float32 [histories, labels]."""
    best = best_answers(expected_scores(spec, catalogue, scores, histories), spec.model.num_predictions)
    if spec.export.scores == "dot":
        return best
    with np.errstate(over="ignore"):  # a score of NEVER makes exp(1e30), which is infinite, and so the sigmoid 0
        return Answers(best.ids, (1 / (1 + np.exp(-best.scores))).astype(np.float32))


#: Scores that are held at once while answers are looked for.
SCORES_AT_ONCE = 32_000_000


def trained_answers(
    spec: ExperimentSpec, catalogue: Catalogue, scorer: Scorer, histories: Mapping[str, np.ndarray]
) -> Answers:
    """What the exported model must answer to any number of histories.

    Args:
        scorer: The trained model's scores of every label, for up to `evaluation.batch_size` rows.
    """
    size = max(1, min(spec.evaluation.batch_size, SCORES_AT_ONCE // len(catalogue.labels)))
    rows = len(next(iter(histories.values())))
    answers = []
    for at in range(0, rows, size):
        part = {name: values[at : at + size] for name, values in histories.items()}
        answers.append(expected_answers(spec, catalogue, scorer(part), part))
    return Answers(np.concatenate([a.ids for a in answers]), np.concatenate([a.scores for a in answers]))


def best_answers(scores: np.ndarray, k: int) -> Answers:
    """Top k of each row; equal scores by rising id, as TensorFlow's top_k gives them."""
    ids = np.stack([top_k(row, k) for row in scores])
    best = np.take_along_axis(scores, ids, axis=1)
    return Answers(np.where(best > NEVER / 2, ids, 0).astype(np.int32), best.astype(np.float32))


def padded_to(values: np.ndarray | None, tensor: Any) -> np.ndarray:
    """One history's values in the shape of a model's input, filled up with zeros.

    Args:
        values: [1, length] or, where a step has several, [1, length, values]; None, for an optional input: zeros.
        tensor: The input's tf.TensorSpec.
    """
    result = np.zeros([1 if size is None else size for size in tensor.shape], tensor.dtype.as_numpy_dtype)
    if values is not None:
        result.reshape(-1)[: values.size] = values.reshape(-1)  # the history is the first row of a batch
    return result


def compare(
    expected: Answers, ask: Callable[[Mapping[str, np.ndarray]], Answers], histories: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """Ask the exported model about every history, one at a time as a phone does.

    Returns:
        `overlap`, the mean share of the expected ids that the model returns; `max_score_difference`, the largest
        difference of the scores at one place, divided by the largest absolute score expected; and `histories`, the
        number of histories compared.

    Raises:
        ExportError: where a score is not a number or an id is repeated.
    """
    overlaps, worst = [], 0.0
    real = expected.scores[expected.scores > NEVER / 2]
    scale = max(float(np.abs(real).max()), 1e-6) if len(real) else 1.0
    for row in range(len(expected.ids)):
        answer = ask({name: values[row : row + 1] for name, values in histories.items()})
        k = expected.ids.shape[1]
        ids, scores = answer.ids.reshape(-1)[:k], answer.scores.reshape(-1)[:k]  # the history is the first of a batch
        if not np.isfinite(scores).all():
            raise ExportError(f"the exported model answers {scores.tolist()} to held-out history {row}: not numbers")
        valid = ids[ids > 0]
        if len(valid) != len(set(valid.tolist())):
            raise ExportError(f"the exported model repeats an id for held-out history {row}: {ids.tolist()}")
        wanted = expected.ids[row][expected.ids[row] > 0]
        overlaps.append(share_kept(wanted.tolist(), valid.tolist()))
        comparable = (scores > NEVER / 2) & (expected.scores[row] > NEVER / 2)
        if comparable.any():
            worst = max(worst, float(np.abs(scores - expected.scores[row])[comparable].max()) / scale)
    return {"histories": len(overlaps), "overlap": float(np.mean(overlaps)), "max_score_difference": worst}


def require_equal(name: str, figures: Mapping[str, float], tolerance: float) -> None:
    """Raise ExportError for an export that should be exact and is not.

    Two items whose scores are within the tolerance may change places, also at the end of the list. So the scores
    decide, and one id in a thousand may differ.
    """
    if figures["max_score_difference"] > tolerance or figures["overlap"] < 0.999:
        raise ExportError(
            f"{name} does not answer as the trained model does: {figures['overlap']:.4f} of the top ids agree, scores "
            f"differ by {figures['max_score_difference']:.2g} of their size ({tolerance:g} allowed); nothing exported"
        )
