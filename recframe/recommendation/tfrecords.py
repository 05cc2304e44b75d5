"""The examples of TFRecord files, with the lengths and ids that an InputSpec asks for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recframe.errors import DataError
from recframe.proto.example_files import BYTES, FLOATS, INTS, ListColumn, find_files, first_lists, read_examples
from recframe.recommendation import feature_columns
from recframe.recommendation.examples import ExampleColumns
from recframe.recommendation.feature_columns import FLOAT, INT, STRING, UNKNOWN, FeatureColumn

KINDS: dict[int, str] = {STRING: BYTES, INT: INTS, FLOAT: FLOATS}
logger = logging.getLogger("recframe.recommendation")


def load_examples(pattern: str | Path, input_spec: Any, vocab_dir: Path, mapping: Mapping[str, str]) -> ExampleColumns:
    """The examples of TFRecord files.

    Args:
        vocab_dir: The folder of the vocabulary files.
        mapping: The key of a feature in the files, if it is not the feature's name.

    Raises:
        DataError: A file cannot be read, or does not hold what a feature needs.
    """
    inputs, label = feature_columns.read_spec(input_spec)
    features = [*inputs, label]
    feature_columns.check_mapping(mapping, {feature.name for feature in features})
    files = find_files(pattern)
    lines = {f.name: feature_columns.read_vocabulary(vocab_dir, f) for f in features if f.vocab_name}
    wanted = {}
    for feature in features:
        words = lines[feature.name] if feature.type == STRING else None
        wanted[feature.name] = ListColumn(mapping.get(feature.name, feature.name), KINDS[feature.type], words)
    if first := first_lists(files):
        for name, column in wanted.items():
            _check_key(files[0], first, name, column)
    raw = read_examples(files, wanted)
    steps = count_steps(raw, inputs)

    def values(feature: FeatureColumn) -> np.ndarray:
        fitted = fit(raw[feature.name], feature, steps)
        if feature.type == INT and feature.vocab_name:
            fitted = number_ids(fitted, lines[feature.name], feature)
        return feature_columns.finish(fitted, feature)

    labels = values(label)[:, 0]
    feature_columns.warn_unknown(labels, label)
    vocabularies = {name: tuple(words) for name, words in lines.items()}
    return ExampleColumns({feature.name: values(feature) for feature in inputs}, labels, label.name, vocabularies)


def _check_key(file: str, first: Mapping[str, tuple[str, int]], name: str, column: ListColumn) -> None:
    """Refuse a feature that the first example lacks, since padding would hide a wrong name."""
    if column.key not in first:
        listed = ", ".join(sorted(first))
        raise DataError(f"{file}: no {column.key!r} in the first example, which has {listed}; name it in `mapping`")
    kind, _ = first[column.key]
    if kind not in ("", column.kind):
        what = f"{column.key!r} holds a {kind}, and the feature_type of {name} needs a {column.kind}"
        raise DataError(f"{file}: {what}; correct the feature_type, or name another key in `mapping`")


def number_ids(values: np.ndarray, lines: Sequence[str], feature: FeatureColumn) -> np.ndarray:
    """The ids of whole numbers by a vocabulary file of numbers; 0 for a number that is not in it."""
    try:
        numbers = np.array([0 if line == UNKNOWN else int(line) for line in lines], np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{feature.vocab_name}, the vocabulary of the INT feature {feature.name}: {error}") from None
    known, place = np.unique(numbers, return_index=True)  # of equal lines the first counts
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[at] == values, place[at], 0)


def count_steps(columns: Mapping[str, np.ndarray], features: Sequence[FeatureColumn]) -> dict[int, np.ndarray]:
    """int64 [examples]: the steps before the padding, by the width of the lists.

    All features of one width count: a rating of 0 is not padding where the same step has a movie.
    """
    counts: dict[int, np.ndarray] = {}
    for feature in features:
        values = columns[feature.name]
        width = values.shape[1]
        if feature.keep_last and width:
            steps = ((values != 0) * np.arange(1, width + 1)).max(axis=1)
            counts[width] = np.maximum(counts.get(width, 0), steps)
    return counts


def fit(values: np.ndarray, feature: FeatureColumn, steps: Mapping[int, np.ndarray]) -> np.ndarray:
    """[examples, feature.length]: the lists, cut or padded.

    Args:
        values: [examples, width].
        steps: What `count_steps` returns.
    """
    rows, width = values.shape
    length = feature.length
    if width == length:
        return values
    if rows:
        side = "latest" if feature.keep_last else "first"
        what = f"the {side} are kept" if width > length else "they are padded"
        logger.warning("%s has %d values, feature_length is %d: %s", feature.name, width, length, what)
    first = np.maximum(steps[width] - length, 0) if feature.keep_last and width else np.zeros(rows, np.int64)
    padded = np.pad(values, ((0, 0), (0, length)))
    return np.take_along_axis(padded, first[:, None] + np.arange(length), axis=1)
