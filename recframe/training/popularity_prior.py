"""How strongly popularity answers for short histories: learnt after training, on validation histories cut short.

The model has seen few short histories, and little of what it says of them is certain. The prior adds `strength x item
bias` to the scores of a history of n events, with one strength for each n. The strength with the least cross-entropy is
found exactly, since the cross-entropy is convex in it. It is 0 for a model that does better without.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import VALIDATION
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.model.dual_encoder import SHORT, DualEncoder
from recframe.process.pace import Pace

#: Validation targets that the strengths are learnt on, at most.
TARGETS = 512
#: Less than this moves no score by as much as the training noise does; longer histories then need none either.
LEAST = 0.02
#: Looks at all scores that it takes to find one strength: both ends, and halving the interval to 0.001.
LOOKS = 12


def learn_prior(
    model: DualEncoder, data: PreparedData, batch: int, say: Callable[[str], None] = lambda message: None
) -> None:
    """Set the model's prior strengths for histories of 1 to SHORT events.

    Args:
        batch: Histories scored at once; that of the evaluation, so that nothing is compiled anew.
        say: Receives the progress, if it takes long.
    """
    if model.bias is None or model.prior_strength is None:
        return
    strengths = np.zeros(SHORT + 2, np.float32)
    strengths[0] = 1.0  # an empty history has nothing but the prior
    model.prior_strength.assign(strengths)
    scorer, bias, known = KerasScorer(model, batch), np.asarray(model.bias)[data.known], data.known
    targets = data.targets(VALIDATION)
    before = targets - data.interactions.offsets[data.users[targets]]
    pace = Pace(f"learning how far popularity counts, over {data.num_items:,} items", say)
    for events in range(1, SHORT + 1):
        usable = targets[before >= events]
        if not len(usable):
            break
        usable = usable[np.unique(np.linspace(0, len(usable) - 1, TARGETS).astype(int))]
        parts = [usable[at : at + batch] for at in range(0, len(usable), batch)]
        scores = np.concatenate([scorer(histories(data, part, latest=events)) for part in parts])
        own = np.cumsum(known)[data.labels[usable]] - 1
        looks = itertools.count((events - 1) * LOOKS + 1)
        tick = functools.partial(_tick, pace, looks)
        strength = best_strength(scores[:, known], bias, own, tick)
        if strength < LEAST:
            break
        strengths[events] = strength
    model.prior_strength.assign(strengths)


def _tick(pace: Pace, looks: Iterator[int]) -> None:
    pace(next(looks), SHORT * LOOKS)


def best_strength(
    scores: np.ndarray, bias: np.ndarray, labels: np.ndarray, tick: Callable[[], None] = lambda: None
) -> float:
    """The s in [0, 1] with the least mean cross-entropy of softmax(scores + s bias), to about 0.001.

    Args:
        scores: float32 [rows, items].
        bias: float32 [items].
        labels: int [rows] the column that was right.
        tick: Called at each of up to `LOOKS` looks at all scores.
    """
    wanted, low, high = float(bias[labels].mean()), 0.0, 1.0

    def expected(strength: float) -> float:
        tick()
        return _expected(scores, bias, strength)

    # The slope, the bias expected less the bias wanted, rises with s: halve the interval that holds its zero.
    if expected(low) >= wanted:
        return low
    if expected(high) <= wanted:
        return high
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) < wanted else (low, middle)
    return (low + high) / 2


def _expected(scores: np.ndarray, bias: np.ndarray, strength: float) -> float:
    """Mean over the rows of the bias expected under softmax(scores + strength bias)."""
    logits = scores + np.float32(strength) * bias
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    return float(((logits @ bias) / logits.sum(axis=1)).mean())
