"""The examples and the catalogue of a model, out of a loader that must fit the spec."""

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
    """The examples with the features of the spec, in its order. `name` is the user's argument, for messages.

    Raises:
        ApiValueError: The data is not a loader, or has no example with a label.
        SpecError: The data lacks a feature, or its values do not fit; each feature has a line.
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
    """The inputs and items of examples from `examples_for`; without a loader, every id from 1 is an item.

    If the loader has no vocabulary, the items are those that occur as labels.
    """
    size = _label_size(spec)
    if loader is None:
        loader = Loader._of(ExampleColumns({}, np.arange(1, size)), {}, 0)
    examples = loader.examples
    items = loader.vocab or {item: {} for item in np.unique(examples.labels[examples.labels > 0]).tolist()}
    known = np.zeros(size, bool)
    known[[item for item in items if 0 < item < size]] = True
    names = list(dict.fromkeys(key for item in items.values() for key in item if key != "id"))
    return Catalogue(
        features=_inputs(spec, registries, examples.vocabularies),
        labels=("", *map(str, range(1, size))),
        known=known,
        shown={name: [items.get(label, {}).get(name) for label in range(size)] for name in names},
        sha256=_sha256(examples),
        counts=np.bincount(examples.labels, minlength=size),
        exclude_seen=spec.exclude_seen is True,
    )


def vocabulary_files(catalogue: Catalogue, loader: Loader) -> dict[str, tuple[str, ...]]:
    """The lines of the features' vocabulary files, by the spec's name of the file."""
    lines = loader.examples.vocabularies
    files = {name: getattr(info.spec.options, "vocab_name", None) for name, info in catalogue.features.items()}
    return {file: lines[name] for name, file in files.items() if file and name in lines}


def _inputs(spec: ExperimentSpec, registries: Registries, lines: Mapping[str, Sequence[str]]) -> dict[str, FeatureInfo]:
    """The features. The text of an id is a line of the feature's file, empty after its end, or the id itself."""
    inputs = {}
    for group in spec.groups.values():
        for name, feature in group.features.items():
            dtype, vocabulary = registries.features[feature.type].dtype, None
            if dtype == "int32":
                size, words = getattr(feature.options, "vocab_size", None) or 0, lines.get(name)
                if not size and words is None:
                    raise SpecError(f"{name}: its vocab_size is needed here; give the number of its ids")
                words = ("", *map(str, range(1, size))) if words is None else words[: size or None]
                vocabulary = (*words, *[""] * (size - len(words)))
            inputs[name] = FeatureInfo(feature, dtype, vocabulary, feature.length or spec.model.history_length)
    return inputs


def _problems(name: str, info: FeatureInfo, columns: Mapping[str, np.ndarray]) -> list[str]:
    """Why a feature cannot be read from the columns."""
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
    """A problem if an id is outside of a table with `size` rows."""
    lowest, largest = int(ids.min()), int(ids.max())
    if lowest >= 0 and largest < size:
        return []
    wrong = lowest if lowest < 0 else largest
    return [f"{name}: the examples hold the id {wrong}, and its vocab_size is {size}"]


def _sha256(examples: ExampleColumns) -> str:
    digest = hashlib.sha256()
    for name, values in sorted(examples.columns.items()):
        digest.update(name.encode() + values.tobytes())
    digest.update(examples.labels.tobytes())
    return digest.hexdigest()
