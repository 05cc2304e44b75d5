"""The popularity prior for short histories: its strength is learnt after training, on shortened validation histories.

A short history says little about its user. The prior adds `strength x item bias` to the scores of a history of n
events, with one strength for each n. The cross-entropy is convex in the strength, so bisection finds its minimum. The
strength is 0 if the model is better without the prior.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import VALIDATION
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.scorers import COLUMNS
from recframe.model.dual_encoder import SHORT_HISTORY, DualEncoder
from recframe.process.pace import Pace

#: The largest number of validation targets for learning.
TARGETS = 512
#: A smaller strength changes the scores less than the noise of training. Then it is 0, also for longer histories.
LEAST = 0.02


def learn_prior(
    model: DualEncoder, data: PreparedData, batch: int, say: Callable[[str], None] = lambda message: None
) -> None:
    """Set the model's prior strengths for histories of 1 to SHORT_HISTORY events.

    Args:
        batch: Histories in a batch. Use the evaluation's batch size, so that nothing is compiled again.
        say: Receives the progress if it takes long.
    """
    if model.bias is None or model.prior_strength is None:
        return
    strengths = np.zeros(SHORT_HISTORY + 2, np.float32)
    strengths[0] = 1.0  # the prior alone scores an empty history
    model.prior_strength.assign(strengths)
    scorer, groups = KerasScorer(model, batch), BiasGroups.of(np.asarray(model.bias), data.known)
    targets = data.targets(VALIDATION)
    before = targets - data.interactions.offsets[data.users[targets]]
    pace = Pace(f"learning the popularity prior over {data.num_items:,} items", say)
    for events in range(1, SHORT_HISTORY + 1):
        usable = targets[before >= events]
        if not len(usable):
            break
        usable = usable[np.unique(np.linspace(0, len(usable) - 1, TARGETS).astype(int))]
        parts = [usable[at : at + batch] for at in range(0, len(usable), batch)]
        scores = np.concatenate([groups.scores(scorer, histories(data, part, latest=events)) for part in parts])
        strength = best_strength(scores, groups.bias, groups.of_label[data.labels[usable]])
        pace(events, SHORT_HISTORY)
        if strength < LEAST:
            break
        strengths[events] = strength
    model.prior_strength.assign(strengths)


@frozen(eq=False)
class BiasGroups:
    """Groups of items with equal bias, that is, with equal counts of events.

    The prior adds the same value to all items of a group, so the softmax needs only the sum over each group. The sums
    are made once, block by block, and no array has a column for each item.

    Attributes:
        items: int64 [items]; label ids by ascending bias.
        bias: float32 [groups]; the bias of each group.
        of_label: int64 [labels]; the group of each item.
    """

    items: np.ndarray
    bias: np.ndarray
    of_label: np.ndarray

    @classmethod
    def of(cls, bias: np.ndarray, known: np.ndarray) -> BiasGroups:
        """Make the groups from the bias, float32 [labels], and whether each label is an item, bool [labels]."""
        values, of_item = np.unique(bias[known], return_inverse=True)
        of_label = np.zeros(len(bias), np.int64)
        of_label[known] = of_item
        return cls(np.flatnonzero(known)[np.argsort(of_item, kind="stable")], values, of_label)

    def scores(self, scorer: KerasScorer, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """float32 [rows, groups]: log(sum of exp(score)) over each group, minus a constant for each row."""
        queries, (table, bias) = scorer.queries(inputs), scorer.items()
        rows = len(queries.vectors)
        sums, largest = np.zeros((rows, len(self.bias))), np.full(rows, -np.inf, np.float32)
        for at in range(0, len(self.items), COLUMNS):
            ids = self.items[at : at + COLUMNS]
            block = np.empty((rows, len(ids)), np.float32)
            queries.score(table[ids], None if bias is None else bias[ids], block)
            before, largest = largest, np.maximum(largest, block.max(axis=1))
            larger = np.flatnonzero(largest > before)
            sums[larger] *= np.exp(before[larger] - largest[larger])[:, None]
            np.exp(np.subtract(block, largest[:, None], out=block), out=block)
            group = self.of_label[ids]
            first = np.flatnonzero(np.diff(group, prepend=-1))
            sums[:, group[first]] += np.add.reduceat(block, first, axis=1)
        with np.errstate(divide="ignore"):  # a sum may underflow to 0
            return np.asarray(np.log(sums), np.float32)


def best_strength(scores: np.ndarray, bias: np.ndarray, labels: np.ndarray) -> float:
    """The s in [0, 1] with the least mean cross-entropy of softmax(scores + s bias), to about 0.001.

    Args:
        scores: float32 [rows, groups] from `BiasGroups.scores`, or [rows, items] if each item is its own group.
        bias: float32 [groups].
        labels: int [rows]; the column of each target.
    """
    wanted, low, high = float(bias[labels].mean()), 0.0, 1.0
    # The slope is the expected bias minus the targets' bias. It increases with s, so bisection finds its zero.
    if _expected(scores, bias, low) >= wanted:
        return low
    if _expected(scores, bias, high) <= wanted:
        return high
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if _expected(scores, bias, middle) < wanted else (low, middle)
    return (low + high) / 2


def _expected(scores: np.ndarray, bias: np.ndarray, strength: float) -> float:
    """The mean over the rows of the expected bias under softmax(scores + strength * bias)."""
    logits = scores + np.float32(strength) * bias
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    return float(((logits @ bias) / logits.sum(axis=1)).mean())
