"""Ids of words by their line in a vocabulary file. A file that is missing is made of the words of the events."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from recframe.data.encode import encode_values
from recframe.data.features import EventLists
from recframe.errors import DataError
from recframe.files.whole import write_text
from recframe.interactions.interactions import Column
from recframe.plugin.registry import Registries
from recframe.recommendation.feature_columns import UNKNOWN, FeatureColumn
from recframe.runtime.encoding import texts_of

logger = logging.getLogger("recframe.recommendation")


class WordIds:
    """The vocabulary files of one table. Features with the same `vocab_name` share a file.

    Args:
        folder: The folder of the files. A missing file is written there, so that the next table gets the same ids.

    Attributes:
        lines: The lines of each file that was read, by `vocab_name`.
    """

    def __init__(self, folder: Path, registries: Registries) -> None:
        self.lines: dict[str, tuple[str, ...]] = {}
        self._folder, self._kind = folder, registries.features["string"]

    def ids(self, column: Column, feature: FeatureColumn, separator: str | None) -> np.ndarray | EventLists:
        """int32 [events] ids, or lists of ids if a text has several words."""
        lists = split_words(column.values, separator)
        sizes = np.array([len(words) for words in lists], np.int64)
        words = np.array([word for words in lists for word in words], dtype=str)
        counts = np.repeat(np.bincount(column.index, minlength=len(lists)), sizes)
        path = self._folder / feature.vocab_name
        if not path.exists():
            self._make(path, feature, words, counts)
        encoded = encode_values(self._kind, self._kind.options(vocab_name=str(path)), words, counts)
        self.lines[feature.vocab_name] = encoded.vocabulary or ()
        if sizes.max() > 1:
            return EventLists.of(encoded.codes, sizes, column.index)
        of_text = np.zeros(len(lists), np.int32)
        of_text[sizes > 0] = encoded.codes
        of_events: np.ndarray = of_text[column.index]
        return of_events

    def _make(self, path: Path, feature: FeatureColumn, words: np.ndarray, counts: np.ndarray) -> None:
        """Write `UNK`, then the words by falling count; equal counts in the order of the texts."""
        usable = words != UNKNOWN
        for line_break in "\n\r":
            usable &= np.char.find(words, line_break) < 0
        options = self._kind.options(vocab_size=feature.vocab_size or None)
        _, *kept = encode_values(self._kind, options, words[usable], counts[usable]).vocabulary or ("",)
        if len(kept) < (distinct := len(np.unique(words[usable]))):
            what = "%s: vocab_size %d holds %d of %d words; the rarest are unknown"
            logger.warning(what, feature.name, feature.vocab_size, len(kept), distinct)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, "".join(f"{word}\n" for word in (UNKNOWN, *kept)))
        except OSError as error:
            raise DataError(f"cannot write to {path.parent}: {error}; give another vocab_dir") from None


def split_words(values: np.ndarray, separator: str | None) -> list[list[str]]:
    """The words of each value's text; the whole text if `separator` is None. Empty words are left out."""
    texts = texts_of(values).tolist()
    return [[word for word in ([text] if separator is None else text.split(separator)) if word] for text in texts]
