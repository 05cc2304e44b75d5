"""What an InputSpec asks of the data: its features, their vocabulary files, and columns of ids of the right length."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from attrs import frozen

from recframe.errors import DataError
from recframe.proto import Feature, FeatureType, InputConfig, names
from recframe.recommendation.api_errors import ApiValueError

UNKNOWN = "UNK"  # the first line of Model Maker's vocabulary files
STRING, INT, FLOAT = FeatureType.STRING, FeatureType.INT, FeatureType.FLOAT
logger = logging.getLogger("recframe.recommendation")


@frozen
class FeatureColumn:
    """One feature of an InputSpec.

    Attributes:
        length: Values an example.
        vocab_name: Text file whose lines are the values, the id being the place of the line; empty where ids are given.
        vocab_size: Ids from this on count as unknown; 0 where the spec does not say.
        keep_last: Which side stays where there are more values than `length`.
    """

    name: str
    type: int
    length: int
    vocab_name: str = ""
    vocab_size: int = 0
    keep_last: bool = True

    @property
    def ids(self) -> tuple[int, str, int]:
        """What tells whether the ids of two features mean the same."""
        return self.type, self.vocab_name, self.vocab_size


def read_spec(input_spec: InputConfig) -> tuple[list[FeatureColumn], FeatureColumn]:
    """The inputs and the label of an InputSpec.

    A list of words such as the genres of all movies seen keeps its first values, and so does a feature of the user; the
    values of single steps keep the latest.

    Raises:
        ApiValueError: No label, or a feature without a name, a length, or the vocabulary that its type needs.
    """
    label = input_spec.label_feature
    if not label.feature_name:
        raise ApiValueError("input_spec.label_feature: not set; the loader needs to know which feature is the label")
    inputs: dict[str, FeatureColumn] = {}
    for scope, path, _, group in names.named_groups(input_spec):
        for place, feature in enumerate(group.features):
            where = f"{path}.features[{place}]"
            column = _column(feature, where, keep_last=scope == "history" and feature.feature_type != STRING)
            if inputs.setdefault(column.name, column) != column:
                raise ApiValueError(f"input_spec.{where}: {column.name!r} is there twice and differs; correct one")
    label_column = _column(label, "label_feature", keep_last=True, length=1)
    if label_column.type != INT:
        raise ApiValueError("input_spec.label_feature.feature_type: must be INT")
    return list(inputs.values()), label_column


def _column(feature: Feature, path: str, keep_last: bool, length: int | None = None) -> FeatureColumn:
    if not feature.feature_name:
        raise ApiValueError(f"input_spec.{path}.feature_name: not set; give the name of the data's column")
    if length is None and feature.feature_length < 1:
        raise ApiValueError(f"input_spec.{path}.feature_length: not set; give the number of values, such as 10")
    if feature.feature_type == STRING and not feature.vocab_name:
        raise ApiValueError(f"input_spec.{path}.vocab_name: not set; a STRING feature needs a vocabulary file")
    return FeatureColumn(
        name=feature.feature_name,
        type=feature.feature_type,
        length=length or feature.feature_length,
        vocab_name=feature.vocab_name,
        vocab_size=feature.vocab_size,
        keep_last=keep_last,
    )


def read_vocabulary(folder: Path, feature: FeatureColumn) -> list[str]:
    """The lines of a feature's vocabulary file; the id of a word is the place of its line, from 0."""
    path = folder / feature.vocab_name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"the vocabulary of {feature.name}, {path}, cannot be read: {error}; correct vocab_name"
        ) from None
    return text.removesuffix("\n").split("\n")


def finish(values: np.ndarray, feature: FeatureColumn) -> np.ndarray:
    """The column as the model takes it: float32, or int32 with 0 for every id outside of the embedding table."""
    if feature.type == FLOAT:
        return np.ascontiguousarray(values, np.float32)
    limit = feature.vocab_size or np.iinfo(np.int32).max
    return np.where((values >= 0) & (values < limit), values, 0).astype(np.int32)


def check_mapping(mapping: Mapping[str, str], known: set[str]) -> None:
    for name in mapping:
        if name not in known:
            raise ApiValueError(f"mapping[{name!r}]: not one of {', '.join(sorted(known))}; correct the name")


def warn_unknown(labels: np.ndarray, label: FeatureColumn) -> None:
    unknown = int(np.count_nonzero(labels == 0))
    if unknown:
        limit = f" outside of [1, {label.vocab_size})" if label.vocab_size and not label.vocab_name else ""
        logger.warning("%d of %d labels are unknown%s and have id 0", unknown, len(labels), limit)
