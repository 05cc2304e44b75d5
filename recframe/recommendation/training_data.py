"""Whether a loader has what a spec reads, and what the model must know of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from recframe.errors import SpecError
from recframe.errors.nearest import listing
from recframe.plugin.catalogue import Catalogue, FeatureInfo
from recframe.plugin.registry import Registries
from recframe.recommendation.api_errors import ApiValueError, require_type
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
    require_type(name, data, Loader, "recommendation.DataLoader")
    labels = data.labels
    if not (labels > 0).any():
        raise ApiValueError(f"{name} has no example" + (" with a known label" if len(labels) else "s"))
    problems, columns = [], {}
    for model_input in _inputs(spec, registries):
        try:
            columns[model_input.name] = model_input.column(data)
        except SpecError as error:
            problems += error.problems
    problems += _wrong_ids(labels, _label_size(spec), spec.label.name)
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
        features={model_input.name: model_input.info(loader) for model_input in _inputs(spec, registries)},
        labels=("", *map(str, range(1, size))),
        known=known,
        shown={name: [items.get(label, {}).get(name) for label in range(size)] for name in names},
        sha256=_sha256(loader.columns if loader is not None else {}, labels),
        counts=np.bincount(loader.labels if loader is not None else [], minlength=size),
        exclude_seen=spec.exclude_seen is True,
    )


def vocabulary_files(spec: ExperimentSpec, registries: Registries, loader: Loader) -> dict[str, tuple[str, ...]]:
    """The lines of the features' vocabulary files, by the name that the spec gives the file."""
    return {
        model_input.file: loader.vocabularies[model_input.name]
        for model_input in _inputs(spec, registries)
        if model_input.file and model_input.name in loader.vocabularies
    }


@frozen
class _Input:
    """A feature that the model reads."""

    name: str
    spec: FeatureSpec
    dtype: str
    length: int

    @property
    def file(self) -> str | None:
        """The name of its vocabulary file; numbers have none."""
        return getattr(self.spec.options, "vocab_name", None)

    def size(self, lines: tuple[str, ...] | None) -> int:
        """The rows of its embedding: its vocab_size, or the lines of its file."""
        size: int | None = getattr(self.spec.options, "vocab_size", None)
        if size is None and lines is None:
            raise SpecError(f"{self.name}: its vocab_size is needed here; give the number of its ids")
        return size if size is not None else len(lines or ())

    def column(self, data: Loader) -> np.ndarray:
        """Its values, int32 or float32 [examples, length]. Raises SpecError for what it cannot be."""
        name, dtype = self.name, self.dtype
        if name not in data.columns:
            raise SpecError(f"{name}: not among the examples' features{listing(name, list(data.columns), 'There are')}")
        values = data.columns[name]
        if values.dtype.kind not in ("iuf" if dtype == "float32" else "iu"):
            raise SpecError(f"{name}: the examples hold {values.dtype} values, and a feature of its type {dtype}")
        if values.shape[1] != self.length:
            raise SpecError(
                f"{name}: the examples hold {values.shape[1]} values each, and its feature_length is {self.length}; "
                "load the data with this input_spec"
            )
        if dtype == "int32" and (problems := _wrong_ids(values, self.size(data.vocabularies.get(name)), name)):
            raise SpecError(problems)
        return values.astype(dtype, copy=False)

    def info(self, loader: Loader | None) -> FeatureInfo:
        """What each id stands for is a line of its file, empty beyond the file's end, or the id itself."""
        if self.dtype != "int32":
            return FeatureInfo(self.spec, self.dtype, None, self.length)
        lines = loader.vocabularies.get(self.name) if loader is not None else None
        size = self.size(lines)
        if lines is None:
            vocabulary = ("", *map(str, range(1, size)))
        else:
            vocabulary = (*lines[:size], *[""] * (size - len(lines)))
        return FeatureInfo(self.spec, self.dtype, vocabulary, self.length)


def _inputs(spec: ExperimentSpec, registries: Registries) -> list[_Input]:
    return [
        _Input(name, feature, registries.features[feature.type].dtype, feature.length or spec.model.history_length)
        for group in spec.groups.values()
        for name, feature in group.features.items()
    ]


def _label_size(spec: ExperimentSpec) -> int:
    if spec.label.vocab_size is None:
        raise SpecError(f"{spec.label.name}: its vocab_size is needed here; `recframe input_spec=FILE` learns the ids")
    return spec.label.vocab_size


def _wrong_ids(ids: np.ndarray, size: int, name: str) -> list[str]:
    """A problem where an id is outside of a table of so many rows."""
    lowest, largest = int(ids.min()), int(ids.max())
    if lowest >= 0 and largest < size:
        return []
    wrong = lowest if lowest < 0 else largest
    return [f"{name}: the examples hold the id {wrong}, and its vocab_size is {size}"]


def _sha256(columns: Mapping[str, np.ndarray], labels: np.ndarray) -> str:
    digest = hashlib.sha256()
    for name in sorted(columns):
        digest.update(name.encode() + np.ascontiguousarray(columns[name]).tobytes())
    digest.update(np.ascontiguousarray(labels).tobytes())
    return digest.hexdigest()
