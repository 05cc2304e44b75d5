"""Categories of the items, and the diversity of lists by them."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.errors import SpecError
from recframe.runtime.encoding import text_of

#: Usual names of a column of categories. If the spec names none, the first that the dataset has is used.
USUAL = ("categories", "category", "genres", "genre")
BITS = 64


@frozen(eq=False)
class Categories:
    """The set of categories of each item, as bits.

    Attributes:
        bits: uint64 [labels, words]; no bit is set for an id without an item, or for an item without a category.
    """

    bits: np.ndarray

    @classmethod
    def of(cls, data: PreparedData, column: str | None) -> Categories | None:
        """The categories in a column of the items; None if `column` is None and no column has a usual name.

        Raises:
            SpecError: if there is no such column.
        """
        items = data.interactions.items
        if column is not None and column not in items:
            known = ", ".join(name for name in items if name != "id") or "none"
            raise SpecError(f"evaluation.category: no column {column!r} of the items; there are {known}")
        column = column or next((name for name in USUAL if name in items), None)
        if column is None:
            return None
        values = items[column]
        rows = values if column in data.interactions.lists else values[:, None]
        names = [[text_of(value) for value in row if value not in (None, "")] for row in rows]
        return cls(_bits(names)[data.label_items])

    def diversity(self, table: np.ndarray, last: np.ndarray) -> np.ndarray:
        """The mean Jaccard distance 1 - |A and B| / |A or B| of the pairs of each list, float64 [rows, cutoffs].

        A pair without any category has distance 1, since nothing shows that the items are similar.

        Args:
            table: int64 [rows, K]; label ids, best first. A shorter list ends in 0.
            last: int64 [cutoffs]; the last place within each cut-off, from 0.
        """
        rows, length = table.shape
        bits, listed = self.bits[table], table > 0
        # [rows, K]: the summed distances of each place to all places before it. One cumulative sum serves all cut-offs.
        apart, pairs = np.zeros((rows, length)), np.zeros((rows, length), np.int64)
        for step in range(1, length):
            one, other = bits[:, step:], bits[:, :-step]
            both = np.bitwise_count(one & other).sum(axis=2, dtype=np.uint16)
            either = np.bitwise_count(one | other).sum(axis=2, dtype=np.uint16)
            real = listed[:, step:]  # the earlier item of the pair exists too, since lists are filled from the front
            apart[:, step:] += (1 - both / np.maximum(either, 1)) * real
            pairs[:, step:] += real
        return np.asarray(apart.cumsum(axis=1)[:, last] / np.maximum(pairs.cumsum(axis=1)[:, last], 1))


def _bits(lists: list[list[str]]) -> np.ndarray:
    """A bit for each category, uint64 [items + 1, words]. The last row, index -1, has none: for ids without an item."""
    row = np.repeat(np.arange(len(lists)), [len(values) for values in lists])
    names, code = np.unique([value for values in lists for value in values], return_inverse=True)
    bits = np.zeros((len(lists) + 1, max(1, -(-len(names) // BITS))), np.uint64)
    np.bitwise_or.at(bits, (row, code // BITS), np.uint64(1) << (code % BITS).astype(np.uint64))
    return bits
