"""The examples of TFRecord files, of the lengths and with the ids that an InputSpec asks for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recframe.errors import DataError
from recframe.proto.example_files import BYTES, FLOATS, INTS, ListColumn, find_files, first_lists, read_examples
from recframe.recommendation.examples import ExampleColumns
from recframe.recommendation.feature_columns import (
    FLOAT,
    INT,
    STRING,
    FeatureColumn,
    check_mapping,
    finish,
    read_spec,
    read_vocabulary,
    warn_unknown,
)

KINDS: dict[int, str] = {STRING: BYTES, INT: INTS, FLOAT: FLOATS}
SHOWN = {BYTES: "text", INTS: "whole numbers", FLOATS: "floats"}
logger = logging.getLogger("recframe.recommendation")


def load_examples(pattern: str | Path, input_spec: Any, vocab_dir: Path, mapping: Mapping[str, str]) -> ExampleColumns:
    """The examples of TFRecord files, looked up in the vocabulary files of a folder and of the spec's lengths.

    Args:
        mapping: The key of a feature in the file, where it differs from its name.
    """
    inputs, label = read_spec(input_spec)
    check_mapping(mapping, {feature.name for feature in (*inputs, label)})
    files = find_files(pattern)
    lines = {feature.name: read_vocabulary(vocab_dir, feature) for feature in (*inputs, label) if feature.vocab_name}
    first, wanted = first_lists(files), {}
    for feature in (*inputs, label):
        words = lines[feature.name] if feature.type == STRING else None
        wanted[feature.name] = ListColumn(mapping.get(feature.name, feature.name), KINDS[feature.type], words)
        if first:
            _check_key(files[0], first, feature, wanted[feature.name])
    raw = read_examples(files, wanted)
    counts = count_steps(raw, inputs)
    columns = {}
    for feature in inputs:
        values = raw[feature.name]
        columns[feature.name] = finish(_ids(fit(values, feature, counts.get(values.shape[1])), feature, lines), feature)
    labels = finish(_ids(fit(raw[label.name], label, None)[:, 0], label, lines), label)
    warn_unknown(labels, label)
    return ExampleColumns(columns, labels, label.name, {name: tuple(words) for name, words in lines.items()})


def _check_key(file: str, first: Mapping[str, tuple[str, int]], feature: FeatureColumn, column: ListColumn) -> None:
    """A feature that the first example lacks is taken for a wrong name: filling it with padding would hide that."""
    if column.key not in first:
        listed = ", ".join(sorted(first))
        raise DataError(f"{file}: no {column.key!r} in the first example, which has {listed}; name it in `mapping`")
    kind, _ = first[column.key]
    if kind not in ("", column.kind):
        what = f"{column.key!r} holds {SHOWN[kind]}, the feature_type of {feature.name} needs {SHOWN[column.kind]}"
        raise DataError(f"{file}: {what}; correct the feature_type, or name another key in `mapping`")


def _ids(values: np.ndarray, feature: FeatureColumn, lines: Mapping[str, list[str]]) -> np.ndarray:
    """Numbers of a vocabulary file as ids; words were looked up while they were read."""
    looked_up = feature.type == STRING or not feature.vocab_name
    return values if looked_up else number_ids(values, lines[feature.name], feature)


def number_ids(values: np.ndarray, lines: Sequence[str], feature: FeatureColumn) -> np.ndarray:
    """Whole numbers as their places in a vocabulary file of numbers; 0 where a number is not in it."""
    try:
        numbers = np.array([0 if line == "UNK" else int(line) for line in lines], np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{feature.vocab_name}, the vocabulary of the INT feature {feature.name}: {error}") from None
    known, place = np.unique(numbers, return_index=True)  # of a number that is there twice the first
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[at] == values, place[at], 0)


def count_steps(columns: Mapping[str, np.ndarray], features: Sequence[FeatureColumn]) -> dict[int, np.ndarray]:
    """int64 [examples] steps before the padding, by the width of the stored lists.

    A rating of 0 is not padding where the same step has a movie, so that all features of one width are looked at.
    """
    counts: dict[int, np.ndarray] = {}
    for feature in features:
        values = columns[feature.name]
        width = values.shape[1]
        if feature.keep_last and width:
            steps = ((values != 0) * np.arange(1, width + 1)).max(axis=1)
            counts[width] = np.maximum(counts.get(width, 0), steps)
    return counts


def fit(values: np.ndarray, feature: FeatureColumn, steps: np.ndarray | None) -> np.ndarray:
    """[examples, feature.length]: the stored lists, cut on the side that the feature does not keep, or padded.

    Args:
        values: [examples, width].
        steps: [examples] values before the padding.
    """
    rows, width = values.shape
    if width == feature.length or not rows:
        return values if width == feature.length else np.zeros((rows, feature.length), values.dtype)
    side = "latest" if feature.keep_last else "first"
    what = f"the {side} are kept" if width > feature.length else "they are padded"
    logger.warning("%s has %d values, feature_length is %d: %s", feature.name, width, feature.length, what)
    fitted = np.zeros((rows, feature.length), values.dtype)
    if width < feature.length:
        fitted[:, :width] = values
    elif feature.keep_last and steps is not None:
        first = np.maximum(steps - feature.length, 0)
        fitted[:] = np.take_along_axis(values, first[:, None] + np.arange(feature.length), axis=1)
    else:
        fitted[:] = values[:, : feature.length]
    return fitted
