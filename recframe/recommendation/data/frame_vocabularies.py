"""Words of a frame as ids: by a vocabulary file where there is one, else by a vocabulary made of the frame itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recframe.recommendation.data.example_files import staging
from recframe.recommendation.data.example_windows import Lists
from recframe.recommendation.data.feature_columns import FeatureColumn, read_vocabulary
from recframe.runtime.encoding import text_of

if TYPE_CHECKING:
    import polars as pl

UNKNOWN = "UNK"
logger = logging.getLogger("recframe.recommendation")


class Vocabularies:
    """The vocabularies of one frame; features with the same `vocab_name` share one.

    Args:
        folder: Where the files are. A file that is missing is written, so that the next frame gets the same ids.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._words: dict[str, list[str]] = {}
        self._told: set[str] = set()

    def ids(self, series: pl.Series, feature: FeatureColumn, separator: str | None) -> np.ndarray | Lists:
        """int64 ids of the events' words; lists where a value is a list or has the separator in it."""
        import polars as pl

        lists = split_text(series, separator)
        if series.dtype.is_float() and series.name not in self._told:
            self._told.add(series.name)
            what = "column %r of %s holds numbers, each of which is a word: 1.10 and 1.1 are the same one, %r"
            logger.warning(what, series.name, feature.name, "1.1")
        words = lists.explode().drop_nulls()
        known = self._find(words, feature)
        places = {word: place for place, word in reversed(list(enumerate(known)))}
        ids = words.replace_strict(list(places), list(places.values()), default=0, return_dtype=pl.Int64()).to_numpy()
        counts = lists.list.len().to_numpy()
        if counts.max() > 1 or series.dtype == pl.List:
            return Lists(np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]), ids)
        values = np.zeros(len(series), np.int64)
        values[counts > 0] = ids
        return values

    def of(self, features: Iterable[FeatureColumn]) -> dict[str, tuple[str, ...]]:
        """The lines, by feature, of those that were looked up."""
        return {f.name: tuple(self._words[f.vocab_name]) for f in features if f.vocab_name in self._words}

    def _find(self, words: pl.Series, feature: FeatureColumn) -> list[str]:
        name = feature.vocab_name
        if name not in self._words:
            if self._folder is not None and (self._folder / name).exists():
                self._words[name] = read_vocabulary(self._folder, feature)
            else:
                self._words[name] = self._make(words, feature)
        return self._words[name]

    def _make(self, words: pl.Series, feature: FeatureColumn) -> list[str]:
        """`UNK`, then the words by falling count, equal counts in order of the text; as many as the table has rows."""
        counted = words.value_counts(name="_n").sort(["_n", words.name], descending=[True, False])
        found = [word for word in counted[words.name].to_list() if word != UNKNOWN and "\n" not in word]
        kept = found[: feature.vocab_size - 1] if feature.vocab_size else found
        if len(kept) < len(found):
            what = "%s: vocab_size %d holds %d of %d words; the rarest are unknown"
            logger.warning(what, feature.name, feature.vocab_size, len(kept), len(found))
        if self._folder is not None:
            with staging(self._folder) as files:
                text = "".join(f"{word}\n" for word in (UNKNOWN, *kept))
                files.path(feature.vocab_name).write_text(text, encoding="utf-8", newline="\n")
                files.commit()
        return [UNKNOWN, *kept]


def split_text(series: pl.Series, separator: str | None) -> pl.Series:
    """Each value as a list of text, without nulls and empty words."""
    import polars as pl

    from recframe.builtin.datasets.tabular.column_types import as_text

    if isinstance(series.dtype, pl.List):
        words = [None if value is None else [text_of(word) for word in value if word is not None] for value in series]
        lists = pl.Series(series.name, words, pl.List(pl.String))
    elif separator is None:
        lists = as_text(series).to_frame().select(pl.concat_list(series.name)).to_series()
    else:
        lists = as_text(series).str.split(separator)
    filled = lists.to_frame().select(pl.col(series.name).fill_null(pl.lit([], pl.List(pl.String)))).to_series()
    return filled.list.eval(pl.element().filter(pl.element().is_not_null() & (pl.element() != "")))
