"""Whether a loader has what a spec reads, and what the model must know of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recframe.errors import SpecError
from recframe.errors.nearest import listing
from recframe.plugin.catalogue import Catalogue, FeatureInfo
from recframe.plugin.registry import Registries
from recframe.recommendation.api_errors import ApiValueError, require_type
from recframe.recommendation.examples import ExampleColumns
from recframe.recommendation.loader import Loader
from recframe.spec.experiment import ExperimentSpec


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
    inputs = _inputs(spec, registries, data.examples.vocabularies)
    problems = [line for feature, info in inputs.items() for line in _problems(feature, info, data.columns)]
    problems += _wrong_ids(labels, _label_size(spec), spec.label.name)
    if problems:
        raise SpecError(problems)
    columns = {feature: data.columns[feature].astype(info.dtype, copy=False) for feature, info in inputs.items()}
    return Loader._of(
        ExampleColumns(columns, labels, spec.label.name, data.examples.vocabularies), data.vocab, data.seed
    )


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
        features=_inputs(spec, registries, loader.examples.vocabularies if loader is not None else {}),
        labels=("", *map(str, range(1, size))),
        known=known,
        shown={name: [items.get(label, {}).get(name) for label in range(size)] for name in names},
        sha256=_sha256(loader.columns if loader is not None else {}, labels),
        counts=np.bincount(loader.labels if loader is not None else [], minlength=size),
        exclude_seen=spec.exclude_seen is True,
    )


def vocabulary_files(catalogue: Catalogue, loader: Loader) -> dict[str, tuple[str, ...]]:
    """The lines of the features' vocabulary files, by the name that the spec gives the file."""
    lines = loader.examples.vocabularies
    files = {name: getattr(info.spec.options, "vocab_name", None) for name, info in catalogue.features.items()}
    return {file: lines[name] for name, file in files.items() if file and name in lines}


def _inputs(spec: ExperimentSpec, registries: Registries, lines: Mapping[str, Sequence[str]]) -> dict[str, FeatureInfo]:
    """The features that the model reads.

    What each id stands for is a line of the feature's file, empty beyond the file's end, or the id itself.
    """
    inputs = {}
    for group in spec.groups.values():
        for name, feature in group.features.items():
            dtype, vocabulary = registries.features[feature.type].dtype, None
            if dtype == "int32":
                size: int | None = getattr(feature.options, "vocab_size", None)
                words = lines.get(name)
                if size is None and words is None:
                    raise SpecError(f"{name}: its vocab_size is needed here; give the number of its ids")
                words = ("", *map(str, range(1, size or 0))) if words is None else words[:size]
                vocabulary = (*words, *[""] * ((size or 0) - len(words)))
            inputs[name] = FeatureInfo(feature, dtype, vocabulary, feature.length or spec.model.history_length)
    return inputs


def _problems(name: str, info: FeatureInfo, columns: Mapping[str, np.ndarray]) -> list[str]:
    """Why a feature cannot be read of the columns; none where it can."""
    if name not in columns:
        return [f"{name}: not among the examples' features{listing(name, list(columns), 'There are')}"]
    values, ids = columns[name], info.dtype == "int32"
    if values.dtype.kind not in ("iu" if ids else "iuf"):
        return [f"{name}: the examples hold {values.dtype} values, and a feature of its type {info.dtype}"]
    if values.shape[1] != info.length:
        what = f"the examples hold {values.shape[1]} values each, and its feature_length is {info.length}"
        return [f"{name}: {what}; load the data with this input_spec"]
    return _wrong_ids(values, info.size, name) if ids else []


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
