"""Comparators that only count training events. They are measured in the same way as the model.

Equal scores count against a scorer. So each comparator orders items with equal counts by their popularity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from recframe.data.pairs import near_pairs
from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN
from recframe.evaluation.scorers import ColumnScorer, TargetScorer, by_rows
from recframe.evaluation.sparse_rows import SparseCells, SparseRows
from recframe.spec.experiment import EvaluationSpec

DAY = 86_400
#: Co-occurrence: events on each side of an event, latest events of a history that vote, and the factor for older votes.
WINDOW, VOTES, DECAY = 5, 10, 0.8
#: The most items that an item votes for, which bounds memory and time.
NEIGHBOURS = 1_000


def popularity(data: PreparedData, spec: EvaluationSpec | None = None) -> TargetScorer:
    """Scores an item by its number of training events, for every history alike."""
    return _same_for_all(data.label_counts)


def recent_popularity(data: PreparedData, spec: EvaluationSpec) -> TargetScorer:
    """Scores an item by its training events in the last days of training, and then by all of its training events."""
    times, in_training = data.interactions.timestamp, data.split.parts == TRAIN
    is_recent = in_training & (times > times[in_training].max() - spec.recent_days * DAY)
    recent = np.bincount(data.labels[is_recent], minlength=data.num_labels)
    return _same_for_all(recent * (data.label_counts.max() + 1) + data.label_counts)


def markov(data: PreparedData, spec: EvaluationSpec | None = None) -> TargetScorer:
    """Scores an item by how often it directly followed the last item of the history in training."""
    follows = SparseRows.of_pairs(data.num_labels, near_pairs(data, 1))
    prior = 0.5 * _ranked_counts(data.label_counts)  # below any count

    def score(targets: np.ndarray) -> ColumnScorer:
        return _prior_plus_votes(prior, [follows.cells(np.arange(len(targets)), data.labels[targets - 1])])

    return by_rows(score)


def cooccurrence(data: PreparedData, spec: EvaluationSpec | None = None) -> TargetScorer:
    """Scores an item by how often it stood near each of the history's last 10 items in training.

    Near is up to 5 events before or after. Each of the 10 items votes with these counts, divided by the square root of
    the scored item's own events. The vote of an item that is n events old counts 0.8^n.
    """
    differing = ((one[one != other], other[one != other]) for one, other in near_pairs(data, WINDOW))
    near = SparseRows.of_pairs(data.num_labels, differing, both_ways=True)
    near = near.over_columns(np.sqrt(np.maximum(data.label_counts, 1))).largest(NEIGHBOURS)
    prior = np.float32(1e-6) * _ranked_counts(data.label_counts)  # below any vote
    starts = data.interactions.offsets[:-1]

    def score(targets: np.ndarray) -> ColumnScorer:
        votes = []
        for age in range(VOTES):
            events = targets - 1 - age
            at = np.flatnonzero(events >= starts[data.users[targets]])
            votes.append(near.cells(at, data.labels[events[at]], DECAY**age))
        return _prior_plus_votes(prior, votes)

    return by_rows(score)


#: The comparators by their names in `evaluation.baselines`.
BASELINES: Mapping[str, Callable[[PreparedData, EvaluationSpec], TargetScorer]] = {
    "popularity": popularity,
    "recent_popularity": recent_popularity,
    "markov": markov,
    "cooccurrence": cooccurrence,
}


def _ranked_counts(counts: np.ndarray) -> np.ndarray:
    """float32 [labels] in [0, 1): the order of the counts, equal for equal counts. float32 cannot hold large counts."""
    distinct, order = np.unique(counts, return_inverse=True)
    return np.asarray(order / len(distinct), np.float32)


def _same_for_all(counts: np.ndarray) -> TargetScorer:
    scores = _ranked_counts(counts)
    return by_rows(lambda targets: _prior_plus_votes(scores, []))


def _prior_plus_votes(prior: np.ndarray, votes: Sequence[SparseCells]) -> ColumnScorer:
    """The sum of a prior, float32 [labels], that is the same for every row, and of the votes."""

    def score(columns: slice, out: np.ndarray) -> None:
        out[:] = prior[columns]
        for cells in votes:
            cells.add_to(out, columns, len(prior))

    return score
