"""Whether a loader has what a spec reads, and what the model must know of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from recframe.errors import SpecError
from recframe.errors.nearest import listing
from recframe.plugin.catalogue import Catalogue, FeatureInfo
from recframe.plugin.registry import Registries
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.examples import ExampleColumns
from recframe.recommendation.loader import Loader
from recframe.spec.experiment import ExperimentSpec, FeatureSpec


def examples_for(spec: ExperimentSpec, registries: Registries, data: Any, name: str) -> Loader:
    """The examples with the features that the spec reads and no others, in the spec's order.

    Args:
        name: What the caller's argument is called, for the messages.

    Raises:
        ApiValueError: where the data is no loader, or has no example with a label.
        SpecError: where the data lacks a feature of the spec, or holds what it cannot be; each feature has a line.
    """
    if not isinstance(data, Loader):
        raise ApiValueError(f"{name} is a {type(data).__name__}; it must be a recommendation.DataLoader")
    labels = data.labels
    if not (labels > 0).any():
        raise ApiValueError(f"{name} has no example" + (" with a known label" if len(labels) else "s"))
    problems, columns = [], {}
    for feature, wanted in _features(spec).items():
        try:
            columns[feature] = _column(feature, wanted, spec, registries, data)
        except SpecError as error:
            problems += error.problems
    size, (lowest, largest) = _label_size(spec), (int(labels.min()), int(labels.max()))
    if lowest < 0 or largest >= size:
        wrong = lowest if lowest < 0 else largest
        problems.append(f"{spec.label.name}: the examples hold the id {wrong}, and its vocab_size is {size}")
    if problems:
        raise SpecError(problems)
    return Loader._of(ExampleColumns(columns, labels, spec.label.name, data.vocabularies), data.vocab, data.seed)


def catalogue_of(spec: ExperimentSpec, registries: Registries, loader: Loader | None = None) -> Catalogue:
    """Inputs and items of the examples that `examples_for` gave, or of the spec alone.

    The items are those of the loader's vocabulary, or, where it has none, those that occur as labels; without a loader
    every id from 1.
    """
    size = _label_size(spec)
    labels = loader.labels if loader is not None else np.arange(1, size)
    items = (loader.vocab if loader is not None else None) or {
        item: {} for item in np.unique(labels[labels > 0]).tolist()
    }
    known = np.zeros(size, bool)
    known[[item for item in items if 0 < item < size]] = True
    names = list(dict.fromkeys(key for item in items.values() for key in item if key != "id"))
    return Catalogue(
        features={name: _info(name, feature, spec, registries, loader) for name, feature in _features(spec).items()},
        labels=("", *map(str, range(1, size))),
        known=known,
        shown={name: [items.get(label, {}).get(name) for label in range(size)] for name in names},
        sha256=_sha256(loader.columns if loader is not None else {}, labels),
        counts=np.bincount(loader.labels if loader is not None else [], minlength=size),
        exclude_seen=spec.exclude_seen is True,
    )


def vocabulary_files(spec: ExperimentSpec, loader: Loader) -> dict[str, tuple[str, ...]]:
    """The lines of the features' vocabulary files, by the name that the spec gives the file."""
    files = {}
    for name, feature in _features(spec).items():
        file = getattr(feature.options, "vocab_name", None)  # numbers have none
        if file and name in loader.vocabularies:
            files[file] = loader.vocabularies[name]
    return files


def _features(spec: ExperimentSpec) -> dict[str, FeatureSpec]:
    return {name: feature for group in spec.groups.values() for name, feature in group.features.items()}


def _label_size(spec: ExperimentSpec) -> int:
    if spec.label.vocab_size is None:
        raise SpecError(f"{spec.label.name}: its vocab_size is needed here; `recframe input_spec=FILE` learns the ids")
    return spec.label.vocab_size


def _length(feature: FeatureSpec, spec: ExperimentSpec) -> int:
    return feature.length if feature.length is not None else spec.model.history_length


def _size(name: str, feature: FeatureSpec, loader: Loader | None) -> int:
    """The rows of a feature's embedding: its vocab_size, or the lines of its file."""
    size: int | None = getattr(feature.options, "vocab_size", None)
    if size is None and loader is not None and name in loader.vocabularies:
        return len(loader.vocabularies[name])
    if size is None:
        raise SpecError(f"{name}: its vocab_size is needed here; give the number of its ids")
    return size


def _column(name: str, feature: FeatureSpec, spec: ExperimentSpec, registries: Registries, data: Loader) -> np.ndarray:
    """A feature's values, int32 or float32 [examples, length]."""
    if name not in data.columns:
        raise SpecError(f"{name}: not among the examples' features{listing(name, list(data.columns), 'There are')}")
    values, dtype = data.columns[name], registries.features[feature.type].dtype
    if values.dtype.kind not in ("iuf" if dtype == "float32" else "iu"):
        raise SpecError(f"{name}: the examples hold {values.dtype} values, and a feature of its type {dtype}")
    if values.shape[1] != _length(feature, spec):
        raise SpecError(
            f"{name}: the examples hold {values.shape[1]} values each, and its feature_length is "
            f"{_length(feature, spec)}; load the data with this input_spec"
        )
    if dtype == "int32":
        size, lowest, largest = _size(name, feature, data), int(values.min()), int(values.max())
        if lowest < 0 or largest >= size:
            wrong = lowest if lowest < 0 else largest
            raise SpecError(f"{name}: the examples hold the id {wrong}, and its vocab_size is {size}")
    return values.astype(dtype, copy=False)


def _info(
    name: str, feature: FeatureSpec, spec: ExperimentSpec, registries: Registries, loader: Loader | None
) -> FeatureInfo:
    dtype = registries.features[feature.type].dtype
    vocabulary = _texts(name, _size(name, feature, loader), loader) if dtype == "int32" else None
    return FeatureInfo(feature, dtype, vocabulary, _length(feature, spec))


def _texts(name: str, size: int, loader: Loader | None) -> tuple[str, ...]:
    """What each id stands for: a line of the feature's file, empty beyond its end, or the id itself."""
    lines = loader.vocabularies.get(name) if loader is not None else None
    if lines is None:
        return ("", *map(str, range(1, size)))
    return (*lines[:size], *[""] * (size - len(lines)))


def _sha256(columns: Mapping[str, np.ndarray], labels: np.ndarray) -> str:
    digest = hashlib.sha256()
    for name in sorted(columns):
        digest.update(name.encode() + np.ascontiguousarray(columns[name]).tobytes())
    digest.update(np.ascontiguousarray(labels).tobytes())
    return digest.hexdigest()
