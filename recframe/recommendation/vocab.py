"""The items of a loader by id, as Model Maker's code reads them: `{'id', 'title', 'genres', 'count'}`."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from recframe.errors import DataError
from recframe.files.json_text import parse_json

Vocab = dict[int, dict[str, Any]]


def vocab_of(rows: Iterable[tuple[int, str, list[str], int]]) -> Vocab:
    """The items of rows of an id, a title, genres and a count."""
    return {id_: {"id": id_, "title": title, "genres": genres, "count": count} for id_, title, genres, count in rows}


def label_vocab(labels: np.ndarray) -> Vocab:
    """An item for each known label, for data without a list of items."""
    ids, counts = np.unique(labels[labels > 0], return_counts=True)
    return vocab_of((id_, str(id_), [], count) for id_, count in zip(ids.tolist(), counts.tolist(), strict=True))


def load_vocab(vocab_file: str | PathLike[str]) -> Vocab:
    """The items of a movie_vocab.json.

    Raises:
        DataError: The file cannot be read, or is not a JSON array of [id, title, genres, count].
    """
    try:
        rows = parse_json(Path(vocab_file).read_text(encoding="utf-8"))
        items = [(int(raw), str(title), str(genres), int(count)) for raw, title, genres, count in rows]
    except OSError as error:
        raise DataError(f"{vocab_file} cannot be read: {error.strerror}; generate it with build_vocabs=True") from None
    except (ValueError, TypeError) as error:
        wanted = "a JSON array of [id, title, genres, count]"
        raise DataError(f"{vocab_file} is not {wanted}: {error}; generate it again with build_vocabs=True") from None
    return vocab_of((raw, title, genres.split("|") if genres else [], count) for raw, title, genres, count in items)
