"""Examples in memory, as a DataLoader holds them: from TFRecord files of tf.train.Examples."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.feature_columns import (
    STRING,
    FeatureColumn,
    count_steps,
    finish,
    fit,
    number_ids,
    read_spec,
    read_vocabulary,
)
from recframe.recommendation.tfrecord_files import find_files, read_examples

logger = logging.getLogger("recframe.recommendation")
Vocab = dict[int, dict[str, Any]]


@frozen(eq=False)
class ExampleColumns:
    """Columns of examples.

    Attributes:
        columns: int32 or float32 [examples, feature_length] by input feature.
        labels: int32 [examples]; 0 is unknown.
        label_name: The name of the label feature.
        vocabularies: The lines of the vocabulary file of each feature that has one, the label too; an id is a place.
    """

    columns: Mapping[str, np.ndarray]
    labels: np.ndarray
    label_name: str
    vocabularies: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def take(self, rows: np.ndarray | slice) -> ExampleColumns:
        """Some of the examples."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return evolve(self, columns=columns, labels=self.labels[rows])


def load_examples(pattern: str | Path, input_spec: Any, vocab_dir: Path, mapping: Mapping[str, str]) -> ExampleColumns:
    """The examples of TFRecord files, looked up in the vocabulary files of a folder and of the spec's lengths.

    Args:
        mapping: The key of a feature in the file, where it differs from its name.
    """
    inputs, label = read_spec(input_spec)
    check_mapping(mapping, {feature.name for feature in (*inputs, label)})
    files = find_files(pattern)
    lines = {feature.name: read_vocabulary(vocab_dir, feature) for feature in (*inputs, label) if feature.vocab_name}
    words = {feature.name: lines[feature.name] for feature in inputs if feature.type == STRING}
    raw = read_examples(files, [*inputs, label], mapping, words)
    counts = count_steps(raw, inputs)
    columns = {}
    for feature in inputs:
        values = raw[feature.name]
        columns[feature.name] = finish(_ids(fit(values, feature, counts.get(values.shape[1])), feature, lines), feature)
    labels = finish(_ids(fit(raw[label.name], label, None)[:, 0], label, lines), label)
    warn_unknown(labels, label)
    return ExampleColumns(columns, labels, label.name, {name: tuple(found) for name, found in lines.items()})


def _ids(values: np.ndarray, feature: FeatureColumn, lines: Mapping[str, list[str]]) -> np.ndarray:
    """Numbers of a vocabulary file as ids; words were looked up while they were read."""
    looked_up = feature.type == STRING or not feature.vocab_name
    return values if looked_up else number_ids(values, lines[feature.name], feature)


def check_mapping(mapping: Mapping[str, str], known: set[str]) -> None:
    for name in mapping:
        if name not in known:
            raise ApiValueError(f"mapping[{name!r}]: not one of {', '.join(sorted(known))}; correct the name")


def warn_unknown(labels: np.ndarray, label: FeatureColumn) -> None:
    unknown = int(np.count_nonzero(labels == 0))
    if unknown:
        limit = f" outside of [1, {label.vocab_size})" if label.vocab_size and not label.vocab_name else ""
        logger.warning("%d of %d labels are unknown%s and have id 0", unknown, len(labels), limit)


def label_vocab(labels: np.ndarray) -> Vocab:
    """An item for every id that is a label, for data without a list of items."""
    ids, counts = np.unique(labels[labels > 0], return_counts=True)
    rows = zip(ids.tolist(), counts.tolist(), strict=True)
    return {id_: {"id": id_, "title": str(id_), "genres": [], "count": count} for id_, count in rows}
