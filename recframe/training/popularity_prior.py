"""How strongly popularity answers for short histories: learnt after training, on validation histories cut short.

The model has seen few short histories, and little of what it says of them is certain. The prior adds `strength x item
bias` to the scores of a history of n events, with one strength for each n. The strength with the least cross-entropy is
found exactly, since the cross-entropy is convex in it. It is 0 for a model that does better without.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import VALIDATION
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.scorers import COLUMNS
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
    scorer, groups = KerasScorer(model, batch), BiasGroups.of(np.asarray(model.bias), data.known)
    targets = data.targets(VALIDATION)
    before = targets - data.interactions.offsets[data.users[targets]]
    pace = Pace(f"learning how far popularity counts, over {data.num_items:,} items", say)
    for events in range(1, SHORT + 1):
        usable = targets[before >= events]
        if not len(usable):
            break
        usable = usable[np.unique(np.linspace(0, len(usable) - 1, TARGETS).astype(int))]
        parts = [usable[at : at + batch] for at in range(0, len(usable), batch)]
        scores = np.concatenate([groups.scores(scorer, histories(data, part, latest=events)) for part in parts])
        looks = itertools.count((events - 1) * LOOKS + 1)
        tick = functools.partial(_tick, pace, looks)
        strength = best_strength(scores, groups.bias, groups.of_label[data.labels[usable]], tick)
        if strength < LEAST:
            break
        strengths[events] = strength
    model.prior_strength.assign(strengths)


@frozen(eq=False)
class BiasGroups:
    """The items by their bias, of which there are as many as there are different counts of events.

    What the strength does to a softmax follows from each group's sum alone: its items gain the same. So the scores are
    looked at once, block by block, and no array has a column for each item.

    Attributes:
        items: int64 [items] label ids by rising bias.
        bias: float32 [groups].
        of_label: int64 [labels] each item's group.
    """

    items: np.ndarray
    bias: np.ndarray
    of_label: np.ndarray

    @classmethod
    def of(cls, bias: np.ndarray, known: np.ndarray) -> BiasGroups:
        """Of the biases float32 [labels] and whether each label is an item, bool [labels]."""
        values, of_item = np.unique(bias[known], return_inverse=True)
        of_label = np.zeros(len(bias), np.int64)
        of_label[known] = of_item
        return cls(np.flatnonzero(known)[np.argsort(of_item, kind="stable")], values, of_label)

    def scores(self, scorer: KerasScorer, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """float32 [rows, groups]: the logarithm of the sum of exp(score) over each group, less a number of the row."""
        queries, (table, bias) = scorer.queries(inputs), scorer.items()
        rows = len(queries.vectors)
        sums, largest = np.zeros((rows, len(self.bias))), np.full(rows, -np.inf, np.float32)
        for at in range(0, len(self.items), COLUMNS):
            ids = self.items[at : at + COLUMNS]
            block = np.empty((rows, len(ids)), np.float32)
            queries.score(table[ids], None if bias is None else bias[ids], block)
            before, largest = largest, np.maximum(largest, block.max(axis=1))
            risen = np.flatnonzero(largest > before)
            sums[risen] *= np.exp(before[risen] - largest[risen])[:, None]
            np.exp(np.subtract(block, largest[:, None], out=block), out=block)
            group = self.of_label[ids]
            first = np.flatnonzero(np.diff(group, prepend=-1))
            sums[:, group[first]] += np.add.reduceat(block, first, axis=1)
        with np.errstate(divide="ignore"):  # a sum that is 0 beside the others
            return np.asarray(np.log(sums), np.float32)


def _tick(pace: Pace, looks: Iterator[int]) -> None:
    pace(next(looks), SHORT * LOOKS)


def best_strength(
    scores: np.ndarray, bias: np.ndarray, labels: np.ndarray, tick: Callable[[], None] = lambda: None
) -> float:
    """The s in [0, 1] with the least mean cross-entropy of softmax(scores + s bias), to about 0.001.

    Args:
        scores: float32 [rows, groups] as `BiasGroups.scores` makes them; or of items, each a group of its own.
        bias: float32 [groups].
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
