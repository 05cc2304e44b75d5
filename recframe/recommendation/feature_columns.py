"""What an InputSpec asks of the data: its features, their vocabulary files, and the ids that a model can read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from attrs import frozen

from recframe.errors import DataError
from recframe.proto import Feature, FeatureType, InputConfig, names
from recframe.recommendation.api_errors import ApiValueError
from recframe.spec.experiment import NOW

UNKNOWN = "UNK"  # the first line of Model Maker's vocabulary files
STRING, INT, FLOAT = FeatureType.STRING, FeatureType.INT, FeatureType.FLOAT
logger = logging.getLogger("recframe.recommendation")


@frozen
class FeatureColumn:
    """One feature of an InputSpec.

    Attributes:
        length: Values of an example.
        vocab_name: Text file of the values, whose line numbers from 0 are the ids; empty if the data holds ids.
        vocab_size: Ids from this on count as unknown; 0 for no limit.
        keep_last: Whether the latest values stay if there are more than `length`. If not, the first stay.
    """

    name: str
    type: int
    length: int
    vocab_name: str = ""
    vocab_size: int = 0
    keep_last: bool = False

    def has_ids_of(self, other: FeatureColumn) -> bool:
        return all(getattr(self, name) == getattr(other, name) for name in ("type", "vocab_name", "vocab_size"))


def read_spec(input_spec: InputConfig) -> tuple[list[FeatureColumn], FeatureColumn]:
    """The inputs and the label of an InputSpec.

    The values of single steps keep the latest. A list of words, such as the genres of all movies in a history, keeps
    its first, and so does a feature of the user.

    Raises:
        ApiValueError: No label, a group of scope now, or a feature without a name, a length, or the vocabulary that its
            type needs.
    """
    label = _column(input_spec.label_feature, "input_spec.label_feature", 1)
    if label.type != INT:
        raise ApiValueError("input_spec.label_feature.feature_type: must be INT")
    inputs: dict[str, FeatureColumn] = {}
    for scope, path, _, group in names.named_groups(input_spec):
        if scope == NOW:
            raise ApiValueError(
                f"input_spec.{path}: Model Maker's examples do not tell the moment of asking; leave this group out, or "
                "train with recframe.train"
            )
        for place, feature in enumerate(group.features):
            where = f"input_spec.{path}.features[{place}]"
            keep_last = scope == "history" and feature.feature_type != STRING
            column = _column(feature, where, feature.feature_length, keep_last)
            if inputs.setdefault(column.name, column) != column:
                raise ApiValueError(f"{where}: {column.name!r} occurs twice with different settings; correct one")
    return list(inputs.values()), label


def _column(feature: Feature, where: str, length: int, keep_last: bool = False) -> FeatureColumn:
    name, vocab_name = feature.feature_name, feature.vocab_name
    for field, is_set, hint in (
        ("feature_name", name, "give the name of the data's column"),
        ("feature_length", length > 0, "give the number of values, such as 10"),
        ("vocab_name", vocab_name or feature.feature_type != STRING, "a STRING feature needs a vocabulary file"),
    ):
        if not is_set:
            raise ApiValueError(f"{where}.{field}: not set; {hint}")
    return FeatureColumn(name, feature.feature_type, length, vocab_name, feature.vocab_size, keep_last)


def read_vocabulary(folder: Path, feature: FeatureColumn) -> list[str]:
    """The lines of a feature's vocabulary file; the number of a line, from 0, is the id."""
    path = folder / feature.vocab_name
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"the vocabulary of {feature.name}, {path}, cannot be read: {error}; correct vocab_name"
        ) from None


def finish(values: np.ndarray, feature: FeatureColumn) -> np.ndarray:
    """The values as the model reads them: float32, or int32 with 0 for ids outside of the embedding table."""
    if feature.type == FLOAT:
        return np.ascontiguousarray(values, np.float32)
    limit = feature.vocab_size or np.iinfo(np.int32).max
    return np.where((values >= 0) & (values < limit), values, 0).astype(np.int32)


def check_mapping(mapping: Mapping[str, str], known: set[str]) -> None:
    for name in mapping:
        if name not in known:
            raise ApiValueError(f"mapping[{name!r}]: not one of {', '.join(sorted(known))}; correct the name")


def warn_unknown(labels: np.ndarray, label: FeatureColumn) -> None:
    if unknown := int(np.count_nonzero(labels == 0)):
        limit = f" outside of [1, {label.vocab_size})" if label.vocab_size and not label.vocab_name else ""
        logger.warning("%d of %d labels are unknown%s and have id 0", unknown, len(labels), limit)
