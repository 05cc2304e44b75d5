"""Categories of the items, and how varied a list is by them."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.errors import SpecError
from recframe.runtime.encoding import text_of

#: What a dataset may call its categories; the first that it has is taken where none is named.
USUAL = ("categories", "category", "genres", "genre")
BITS = 64


@frozen(eq=False)
class Categories:
    """Each item's set of categories as bits.

    Attributes:
        bits: uint64 [labels, words]; none is set for an id without an item, or for an item without a category.
    """

    bits: np.ndarray

    @classmethod
    def of(cls, data: PreparedData, column: str | None) -> Categories | None:
        """Those of a column of the items; None where none is named and none is usual.

        Raises:
            SpecError: where there is no such column.
        """
        items = data.interactions.items
        if column is not None and column not in items:
            have = ", ".join(name for name in items if name != "id") or "none"
            raise SpecError(f"evaluation.category: no column {column!r} of the items; there are {have}")
        column = column or next((name for name in USUAL if name in items), None)
        if column is None:
            return None
        values = items[column]
        rows = values if column in data.interactions.lists else values[:, None]
        names = [[text_of(value) for value in row if value not in (None, "")] for row in rows]
        return cls(_bits(names)[data.label_items])

    def diversity(self, table: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Mean Jaccard distance 1 - |A and B| / |A or B| of the pairs of a list, float64 [rows, cutoffs].

        A pair without any category is 1 apart: nothing says that they are alike.

        Args:
            table: int64 [rows, K] label ids, best first; 0 where a list is shorter.
            last: int64 [cutoffs] the last place of each cut-off, from 0.
        """
        rows, length = table.shape
        bits, listed = self.bits[table], table > 0
        # [rows, K]: the distances of each place to all places before it, so that one running sum serves every cut-off.
        apart, pairs = np.zeros((rows, length)), np.zeros((rows, length), np.int64)
        for step in range(1, length):
            one, other = bits[:, step:], bits[:, :-step]
            both = np.bitwise_count(one & other).sum(axis=2, dtype=np.uint16)
            either = np.bitwise_count(one | other).sum(axis=2, dtype=np.uint16)
            real = listed[:, step:]  # a list is filled from the front
            apart[:, step:] += (1 - both / np.maximum(either, 1)) * real
            pairs[:, step:] += real
        return np.asarray(apart.cumsum(axis=1)[:, last] / np.maximum(pairs.cumsum(axis=1)[:, last], 1))


def _bits(lists: list[list[str]]) -> np.ndarray:
    """uint64 [items + 1, words]: a bit a category; the last row, which -1 finds, has none."""
    row = np.repeat(np.arange(len(lists)), [len(values) for values in lists])
    names, code = np.unique([value for values in lists for value in values], return_inverse=True)
    bits = np.zeros((len(lists) + 1, max(1, -(-len(names) // BITS))), np.uint64)
    np.bitwise_or.at(bits, (row, code // BITS), np.uint64(1) << (code % BITS).astype(np.uint64))
    return bits
