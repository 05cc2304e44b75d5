"""Comparators that learn nothing but counts, on the same training events and in the same protocol as the model.

Equal scores would count against them, so each falls back on popularity where its own counts say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN
from recframe.evaluation.scorers import ColumnScorer, TargetScorer, by_rows
from recframe.evaluation.sparse_rows import SparseCells, SparseRows
from recframe.spec.experiment import EvaluationSpec

DAY = 86_400
#: Of the window co-occurrence: events on each side, latest events of a history that vote, and what an older vote loses.
WINDOW, VOTES, DECAY = 5, 10, 0.8
#: And the items that an item votes for, at most, which bounds memory and time.
NEIGHBOURS = 1_000


def popularity(data: PreparedData, spec: EvaluationSpec | None = None) -> TargetScorer:
    """Every item by its training events, for any history."""
    return _same_for_all(data.label_counts)


def recent_popularity(data: PreparedData, spec: EvaluationSpec) -> TargetScorer:
    """Every item by its training events of the last days before training ends, then by all of them."""
    times, in_training = data.interactions.timestamp, data.split.parts == TRAIN
    late = in_training & (times > times[in_training].max() - spec.recent_days * DAY)
    recent = np.bincount(data.labels[late], minlength=data.num_labels)
    return _same_for_all(recent * (data.label_counts.max() + 1) + data.label_counts)


def markov(data: PreparedData, spec: EvaluationSpec | None = None) -> TargetScorer:
    """Every item by how often it came right after the history's last item in training."""
    follows = SparseRows.of_pairs(data.num_labels, _pairs(data, 1))
    prior = 0.5 * _ranked_counts(data.label_counts)  # below any count

    def score(targets: np.ndarray) -> ColumnScorer:
        return _prior_plus_votes(prior, [follows.cells(np.arange(len(targets)), data.labels[targets - 1])])

    return by_rows(score)


def cooccurrence(data: PreparedData, spec: EvaluationSpec | None = None) -> TargetScorer:
    """Every item by its training events within 5 of the history's last 10 items, over the root of its own events.

    The vote of an item that is n events old counts 0.8^n.
    """
    differing = ((one[one != other], other[one != other]) for one, other in _pairs(data, WINDOW))
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


#: By the names that `evaluation.baselines` takes.
BASELINES: Mapping[str, Callable[[PreparedData, EvaluationSpec], TargetScorer]] = {
    "popularity": popularity,
    "recent_popularity": recent_popularity,
    "markov": markov,
    "cooccurrence": cooccurrence,
}


def _ranked_counts(counts: np.ndarray) -> np.ndarray:
    """float32 [labels] in [0, 1): equal for equal counts, rising with them. Counts themselves may exceed float32."""
    once, level = np.unique(counts, return_inverse=True)
    return np.asarray(level / len(once), np.float32)


def _same_for_all(counts: np.ndarray) -> TargetScorer:
    scores = _ranked_counts(counts)
    return by_rows(lambda targets: _prior_plus_votes(scores, []))


def _prior_plus_votes(prior: np.ndarray, votes: Sequence[SparseCells]) -> ColumnScorer:
    """The prior float32 [labels], the same for every row, and what the votes add to it, one after another."""

    def score(columns: slice, out: np.ndarray) -> None:
        out[:] = prior[columns]
        for cells in votes:
            cells.add_to(out, columns, len(prior))

    return score


def _pairs(data: PreparedData, window: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Label before and label after, of a user's training events that are 1, then 2, up to `window` apart."""
    events = np.flatnonzero((data.split.parts == TRAIN) & (data.labels > 0))
    labels, users = data.labels[events], data.users[events]
    for apart in range(1, window + 1):
        of_one = users[apart:] == users[:-apart]
        yield labels[:-apart][of_one], labels[apart:][of_one]
