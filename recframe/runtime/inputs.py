"""Makes one input of the model from raw values, as training did: ids by the vocabulary, numbers by the statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from recframe.runtime.answers import BundleError
from recframe.runtime.encoding import bucket_ids, hashed_id, number_of, scaled, text_of, words_of


class FeatureInput:
    """An input of role feature.

    Attributes:
        spec: The manifest's entry.
        shape: Of one history's values: [length], or [steps, values] where the values of a step are pooled.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        batched: bool,
        vocabulary: Sequence[str],
        labels: Sequence[str],
        known: Callable[[int], Any],
    ) -> None:
        """
        Args:
            batched: Whether the manifest's shape begins with the batch.
            vocabulary: The text of each id, the first for padding and unknown; empty for numbers.
            labels: The raw id of each label id.
            known: From a label id to the item's value in the bundle: one value, a list where a step has several, or
                None where there is none.
        """
        self.spec = spec
        self.shape = tuple(spec["shape"][1:] if batched else spec["shape"])
        # Line 0 is padding and unknown, whatever its text; a value that occurs twice keeps its first id.
        self._ids = {text: index for index, text in reversed(list(enumerate(vocabulary))) if index}
        self._zero = vocabulary[0] if vocabulary else ""
        #: Whether the whole input is one value, of the user or of the moment of asking.
        self._single = spec["scope"] != "history"
        self._several = spec["values"]
        #: Whether an item's code is its label id.
        self.of_labels = spec["source"] == "item" and vocabulary == labels
        self._codes_are_labels = self.of_labels and "hash_from" not in spec["statistics"]
        self._length = spec["steps"] or 0
        # An item's codes never change: they are made when they are first needed, and kept in a table by label id.
        self._known = known
        cell = object if self._several == "flattened" else spec["dtype"]
        self._table = np.zeros((len(labels), *self.shape[1:]), cell)
        self._made = np.zeros(len(labels), bool)

    def write(self, row: np.ndarray, labels: Sequence[int], values: Sequence[Any] | None = None) -> None:
        """Fill one history's row.

        Args:
            row: Zeros, of the input's shape and dtype.
            labels: Label ids, oldest first.
            values: A value for each label, or the one value of the user or the moment, in place of the bundle's; a list
                where a step has several, None where a value is not known.
        """
        steps: Any
        if values is not None:
            steps = [self._step(value) for value in self._latest(self._right_many(values, len(labels)))]
        elif self._single:
            return  # the bundle knows nothing of a user
        else:
            steps = labels[-self._length :]
            if not self._codes_are_labels:
                steps = self._codes_of(np.array(steps, np.intp))
        if self._several == "flattened":
            steps = [code for step in steps for code in step][: len(row)]
        row[: len(steps)] = steps

    def _codes_of(self, labels: np.ndarray) -> np.ndarray:
        made = self._made[labels]
        if not made.all():
            for label in labels[~made].tolist():
                self._table[label] = self._step(self._known(label))
                self._made[label] = True
        steps: np.ndarray = self._table[labels]
        return steps

    def _right_many(self, values: Sequence[Any], events: int) -> Sequence[Any]:
        values = self._listed(values)
        if len(values) != (1 if self._single else events):
            of = "the moment" if self.spec["scope"] == "now" else "the user"
            wanted = f"one value, of {of}" if self._single else f"a value for each of the {events} items"
            raise self._refused(f"expected {wanted}, got {len(values)}")
        return values

    def _latest(self, steps: Any) -> Any:
        return steps if self._single else steps[-self._length :]

    def _step(self, value: Any) -> Any:
        """A step's code; or the list of its codes, which is as long as the input needs if they are pooled."""
        if self._several == "one":
            return self._code(value)
        if value is None:
            codes = []
        elif "split_at" in self.spec["statistics"]:
            words = words_of(text_of(value), self.spec["statistics"])
            codes = [code for code in map(self._code, words) if code]
        else:
            codes = [self._code(one) for one in self._listed(value)]
        if self._several == "pooled":
            width = self.shape[-1]
            codes = [*codes[:width], *([0] * (width - len(codes)))]
        return codes

    def _listed(self, values: Any) -> list[Any]:
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise self._refused(f"expected a list of values, got {values!r:.60}")
        return list(values)

    def _code(self, value: Any) -> float:
        """The code of a value; 0 for one that is not known."""
        statistics = self.spec["statistics"]
        if value is None:
            return 0
        if "edges" in statistics:
            return int(bucket_ids(self._number(value), statistics)[0])
        if not self.spec["vocabulary"]:
            number = float(scaled(self._number(value), statistics)[0])
            if not math.isfinite(number):
                raise self._refused(f"{value!r} is too large for float32")
            return number
        text = text_of(value)
        label = self._ids.get(text, 0)
        outside = not label and text not in ("", self._zero)
        return hashed_id(text, statistics) if outside or label >= statistics.get("hash_from", label + 1) else label

    def _refused(self, fault: str) -> BundleError:
        return BundleError(f"input {self.spec['name']!r}: {fault}", self.spec["name"])

    def _number(self, value: Any) -> np.ndarray:
        """float64 [1]."""
        number = np.array([number_of(value)])
        if not np.isfinite(number).all():
            raise self._refused(f"{value!r} is not a finite number")
        return number
