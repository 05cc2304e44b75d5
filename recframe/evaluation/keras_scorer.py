"""Computes scores with the model's present weights: TensorFlow makes the vectors, and BLAS multiplies them.

For the product of a few vectors with a whole catalogue XLA takes twice as long as BLAS, and allocates another array.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.evaluation.scorers import ColumnScorer, InputScorer, RowScorer, TargetScorer
from recframe.model.dual_encoder import DualEncoder


@frozen(eq=False)
class Queries:
    """The vectors of histories, before any product with the catalogue.

    Attributes:
        vectors: float32 [rows, width].
        strength: float32 [rows]; the factor of the item bias in the scores.
    """

    vectors: np.ndarray
    strength: np.ndarray

    def rows(self, rows: slice) -> Queries:
        return Queries(self.vectors[rows], self.strength[rows])

    def score(self, table: np.ndarray, bias: np.ndarray | None, out: np.ndarray) -> None:
        """Write the scores of some labels into `out`, float32 [rows, labels]. `table` and `bias` hold their rows."""
        np.matmul(self.vectors, table.T, out=out)
        if bias is not None and (short := np.flatnonzero(self.strength)).size:
            out[short] += self.strength[short, None] * bias


class KerasScorer:
    """Computes the scores of every label for inputs of up to `batch` rows."""

    def __init__(self, model: DualEncoder, batch: int) -> None:
        self.model, self.batch = model, batch

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Inputs by feature, each [rows, length] -> scores float32 [rows, labels]."""
        queries, table, bias = self.queries(inputs), *self.items()
        scores = np.empty((len(queries.vectors), len(table)), np.float32)
        queries.score(table, bias, scores)
        return scores

    def by_target(self, data: PreparedData) -> TargetScorer:
        """A scorer of the histories before targets. It reads the label table now, and later changes do not count."""
        score = self.by_inputs()
        return lambda targets: score(histories(data, targets))

    def by_inputs(self) -> InputScorer:
        """A scorer of inputs. It reads the label table now, and later changes do not count."""
        table, bias = self.items()

        def scorer(inputs: Mapping[str, np.ndarray]) -> RowScorer:
            queries = self.queries(inputs)

            def score_rows(rows: slice) -> ColumnScorer:
                chosen = queries.rows(rows)

                def score_columns(columns: slice, out: np.ndarray) -> None:
                    chosen.score(table[columns], None if bias is None else bias[columns], out)

                return score_columns

            return score_rows

        return scorer

    def queries(self, inputs: Mapping[str, np.ndarray]) -> Queries:
        """The vectors of the inputs by feature, each [rows, length]."""
        rows = len(next(iter(inputs.values())))
        # A single shape needs a single compilation. So a smaller batch is filled up with empty histories.
        missing = self.batch - rows
        filled = {n: np.concatenate([v, np.zeros((missing, *v.shape[1:]), v.dtype)]) for n, v in inputs.items()}
        vectors, strength = self.model.compiled_queries(filled)
        return Queries(np.asarray(vectors)[:rows], np.asarray(strength)[:rows])

    def items(self) -> tuple[np.ndarray, np.ndarray | None]:
        """The label table, float32 [labels, width], and the item bias, float32 [labels], or None."""
        return np.asarray(self.model.table), None if self.model.bias is None else np.asarray(self.model.bias)
