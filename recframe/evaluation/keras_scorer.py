"""Scores by the model's present weights: TensorFlow makes the vectors, BLAS their products with the label table.

XLA's product of a few vectors with a whole catalogue takes twice as long as BLAS's, and writes an array of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.evaluation.scorers import RowScorer, TargetScorer
from recframe.model.dual_encoder import DualEncoder


@frozen(eq=False)
class Queries:
    """What the model makes of histories, before the catalogue is looked at.

    Attributes:
        vectors: float32 [rows, width].
        strength: float32 [rows], how much of the item bias is added to the scores.
    """

    vectors: np.ndarray
    strength: np.ndarray


class KerasScorer:
    """Scores of every label, for inputs of up to `batch` rows."""

    def __init__(self, model: DualEncoder, batch: int) -> None:
        self.model, self.batch = model, batch

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Inputs by feature, each [rows, length] -> scores float32 [rows, labels]."""
        return self._scores(self._queries(inputs))(slice(None))

    def by_target(self, data: PreparedData) -> TargetScorer:
        """The scorer of the histories before targets."""
        return lambda targets: self._scores(self._queries(histories(data, targets)))

    def _queries(self, inputs: Mapping[str, np.ndarray]) -> Queries:
        rows = len(next(iter(inputs.values())))
        # One shape means one compilation: what is short is filled up with empty histories.
        missing = self.batch - rows
        filled = {n: np.concatenate([v, np.zeros((missing, *v.shape[1:]), v.dtype)]) for n, v in inputs.items()}
        vectors, strength = self.model.compiled_queries(filled)
        return Queries(np.asarray(vectors)[:rows], np.asarray(strength)[:rows])

    def _scores(self, queries: Queries) -> RowScorer:
        table, bias = np.asarray(self.model.table), self.model.bias

        def score(rows: slice) -> np.ndarray:
            scores: np.ndarray = queries.vectors[rows] @ table.T
            if bias is not None and (short := np.flatnonzero(queries.strength[rows])).size:
                scores[short] += queries.strength[rows][short, None] * np.asarray(bias)
            return scores

        return score
