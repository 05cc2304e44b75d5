"""Words of events as ids: by a vocabulary file where there is one, else by one made of the events themselves."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from recframe.data.features import EventLists
from recframe.errors import DataError
from recframe.files.whole import write_text
from recframe.interactions.interactions import Column
from recframe.plugin.registry import Registries
from recframe.plugin.types import FeatureValues
from recframe.recommendation.feature_columns import FeatureColumn, read_vocabulary
from recframe.runtime.encoding import texts_of

UNKNOWN = "UNK"
logger = logging.getLogger("recframe.recommendation")


class WordIds:
    """The vocabularies of one table; features with the same `vocab_name` share one.

    Args:
        folder: Where the files are. A file that is missing is written, so that the next table gets the same ids.
    """

    def __init__(self, folder: Path | None, registries: Registries) -> None:
        self._folder, self._category = folder, registries.features["string"]
        self._lines: dict[str, list[str]] = {}

    def ids(
        self, column: Column, feature: FeatureColumn, separator: str | None, as_lists: bool = False
    ) -> np.ndarray | EventLists:
        """int64 [events] ids; lists where that is asked for, or a text has several words."""
        lists = split_words(column.values, separator)
        sizes = np.array([len(words) for words in lists], np.int64)
        words = np.array([word for words in lists for word in words], dtype=str)
        times = np.bincount(column.index, minlength=len(lists))
        lines = self._lines_of(feature, words, np.repeat(times, sizes))
        places = {word: place for place, word in reversed(list(enumerate(lines)))}
        ids = np.array([places.get(word, 0) for word in words.tolist()], np.int64)
        if as_lists or sizes.max() > 1:
            return EventLists.of(ids, sizes, column.index)
        of_text = np.zeros(len(lists), np.int64)
        of_text[sizes > 0] = ids
        of_events: np.ndarray = of_text[column.index]
        return of_events

    def lines(self, features: Iterable[FeatureColumn]) -> dict[str, tuple[str, ...]]:
        """The lines, by feature, of the vocabularies that were looked up."""
        return {f.name: tuple(self._lines[f.vocab_name]) for f in features if f.vocab_name in self._lines}

    def _lines_of(self, feature: FeatureColumn, words: np.ndarray, times: np.ndarray) -> list[str]:
        name = feature.vocab_name
        if name not in self._lines:
            if self._folder is not None and (self._folder / name).exists():
                self._lines[name] = read_vocabulary(self._folder, feature)
            else:
                self._lines[name] = self._make(feature, words, times)
        return self._lines[name]

    def _make(self, feature: FeatureColumn, words: np.ndarray, times: np.ndarray) -> list[str]:
        """`UNK`, then the words by falling count, equal counts in order of the text; as many as the table has rows."""
        distinct, place = np.unique(words, return_inverse=True)
        counts = np.bincount(place, weights=times, minlength=len(distinct)).astype(np.int64)
        usable = (distinct != UNKNOWN) & (np.char.find(distinct, "\n") < 0)
        encoded = self._category.encode(self._category.options(), FeatureValues(distinct[usable], counts[usable]))
        by_count = (encoded.vocabulary or ("",))[1:]
        kept = by_count[: feature.vocab_size - 1] if feature.vocab_size else by_count
        if len(kept) < len(by_count):
            what = "%s: vocab_size %d holds %d of %d words; the rarest are unknown"
            logger.warning(what, feature.name, feature.vocab_size, len(kept), len(by_count))
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                write_text(self._folder / feature.vocab_name, "".join(f"{word}\n" for word in (UNKNOWN, *kept)))
            except OSError as error:
                raise DataError(f"cannot write to {self._folder}: {error}; give another vocab_dir") from None
        return [UNKNOWN, *kept]


def split_words(values: np.ndarray, separator: str | None) -> list[list[str]]:
    """The words of each value: its text, cut at the separator; None leaves texts whole. An empty word is none."""
    texts = texts_of(values).tolist()
    return [[word for word in ([text] if separator is None else text.split(separator)) if word] for text in texts]
