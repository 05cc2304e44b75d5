"""A loader's examples, as the trainer and the exporters take them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen

from recframe.data.catalogue import Catalogue, FeatureInfo
from recframe.data.sequences import Batch
from recframe.errors import SpecError
from recframe.recommendation.loader import Loader
from recframe.specs import ExperimentSpec, FeatureSpec


@frozen(eq=False)
class LoaderExamples:
    """Batches of a loader's examples; the last of a pass is filled up with rows of weight 0.

    Attributes:
        labels: Number of label ids.
        max_steps: Batches in a pass, at most; None: all.
    """

    loader: Loader
    labels: int
    shuffle: bool
    max_steps: int | None

    @property
    def label_counts(self) -> np.ndarray:
        return np.bincount(self.loader.labels, minlength=self.labels)

    def batches(self, size: int, positions: bool, rng: np.random.Generator) -> Iterator[Batch]:
        columns, labels = self.loader.columns, self.loader.labels
        order = rng.permutation(len(labels)) if self.shuffle else np.arange(len(labels))
        for at in itertools.islice(range(0, len(order), size), self.max_steps):
            chosen = order[at : at + size]
            filled = np.concatenate([chosen, np.repeat(chosen[:1], size - len(chosen))])
            weights = ((np.arange(size) < len(chosen)) & (labels[filled] > 0)).astype(np.float32)
            yield Batch({name: values[filled] for name, values in columns.items()}, labels[filled], weights)

    def steps(self, size: int, positions: bool) -> int:
        whole = -(-self.loader.size // size)
        return whole if self.max_steps is None else min(whole, self.max_steps)


def catalogue_of(spec: ExperimentSpec, loader: Loader) -> Catalogue:
    """Inputs and items of a loader's examples.

    The items are those of the loader's vocabulary, or, where it has none, those that occur as labels.

    Raises:
        SpecError: where a feature of the spec is not in the examples, or holds ids beyond its vocabulary.
    """
    features = {}
    for group in spec.groups.values():
        for name, feature in group.features.items():
            if name not in loader.columns:
                raise SpecError(f"{name}: not among the examples' features: {', '.join(loader.columns)}")
            features[name] = _info(name, feature, loader.columns[name])
    size = spec.label.vocab_size
    assert size is not None  # a label has a vocab_size, or the message is refused
    if (largest := int(loader.labels.max(initial=0))) >= size:
        raise SpecError(f"{spec.label.name}: the examples hold the id {largest}, and its vocab_size is {size}")
    items = loader.vocab or {item: {} for item in np.unique(loader.labels[loader.labels > 0]).tolist()}
    known = np.zeros(size, bool)
    known[[item for item in items if 0 < item < size]] = True
    names = list(dict.fromkeys(key for item in items.values() for key in item if key != "id"))
    shown = {name: [items.get(label, {}).get(name) for label in range(size)] for name in names}
    return Catalogue(features, ("", *map(str, range(1, size))), known, shown, _sha256(loader.columns, loader.labels))


def _info(name: str, spec: FeatureSpec, values: np.ndarray) -> FeatureInfo:
    vocabulary = None
    if values.dtype.kind in "iu":
        size, largest = spec.options.vocab_size, int(values.max(initial=0))
        if size is None or largest >= size:
            raise SpecError(f"{name}: the examples hold the id {largest}, and its vocab_size is {size}")
        vocabulary = ("", *map(str, range(1, size)))
    return FeatureInfo(spec, values.dtype.name, vocabulary, values.shape[1])


def _sha256(columns: Mapping[str, np.ndarray], labels: np.ndarray) -> str:
    digest = hashlib.sha256()
    for name in sorted(columns):
        digest.update(name.encode() + np.ascontiguousarray(columns[name]).tobytes())
    digest.update(np.ascontiguousarray(labels).tobytes())
    return digest.hexdigest()
