"""Finds the label ids of items by the names that people and apps use: raw ids and titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recframe.errors.nearest import suggestion
from recframe.runtime.answers import BundleError
from recframe.runtime.encoding import text_of


class ItemNames:
    """Looks items up by raw id or title.

    Args:
        labels: The raw id of each label id; the first stands for padding and unknown.
        items: Display fields by label id as text, for ids with an item; empty: every label id has an item.
        bundle: The bundle's name in messages.

    Attributes:
        titles: By label id; None where an item has no title.
        id_of: Label id by raw id, for the items that can be recommended.
        id_of_title: Label id by title, for titles that only one item has.
    """

    def __init__(self, labels: Sequence[str], items: Mapping[str, Mapping[str, Any]], bundle: str) -> None:
        self._labels, self._bundle = labels, bundle
        self.titles: list[str | None] = [items.get(str(label), {}).get("title") for label in range(len(labels))]
        # In a declared vocabulary, an id may have no item; `items` then leaves it out.
        self.id_of = {
            raw: label
            for label, raw in reversed(list(enumerate(labels)))
            if label and (not items or str(label) in items)
        }
        self._labels_by_title: dict[str, list[int]] = {}
        for label, title in enumerate(self.titles):
            if title:
                self._labels_by_title.setdefault(title, []).append(label)
        self.id_of_title = {title: ids[0] for title, ids in self._labels_by_title.items() if len(ids) == 1}

    def __contains__(self, item: object) -> bool:
        """Whether one item has this raw id or title."""
        text = text_of(item)
        return text in self.id_of or text in self.id_of_title

    def label_of(self, item: object) -> int:
        """The label id of an item given by raw id or title.

        Raises:
            BundleError: for one that the bundle does not know, with the nearest title; for a title of several items,
                with their ids.
        """
        text = text_of(item)
        label = self.id_of.get(text) or self.id_of_title.get(text)
        if label is not None:
            return label
        if several := self._labels_by_title.get(text):
            ids = ", ".join(repr(self._labels[one]) for one in several)
            raise BundleError(f"item {text!r} is the title of {len(several)} items: ask by id, one of {ids}")
        # Ids that are numbers get no suggestion: the nearest number is an unrelated item.
        hint = "" if text.isdecimal() else suggestion(text, [*self.id_of_title, *self.id_of])
        raise BundleError(f"item {text!r} is not in {self._bundle}{hint}")

    def labels_of(self, items: Iterable[object]) -> list[int]:
        """The label ids of several items. Raises BundleError as `label_of` does, and for anything but a list."""
        if isinstance(items, str) or not isinstance(items, Iterable):
            raise BundleError(f"expected a list of items, got {items!r}")
        known: Mapping[Any, int] = self.id_of
        try:
            return list(map(known.__getitem__, items))
        except (KeyError, TypeError):  # titles, numbers, or what is not known
            return [self.label_of(item) for item in items]
