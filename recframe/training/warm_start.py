"""Training from the weights of an earlier run: what both models have is copied, equal to the bit, before training.

A row of an embedding table belongs to a value: it is found by the value's text and may have another id. A new item
begins at the mean of the old items that are most like it, or of all; another new value at the mean of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.vocabularies import Vocabularies, own_values
from recframe.model.dual_encoder import DualEncoder
from recframe.plugin.catalogue import FeatureInfo
from recframe.spec.experiment import ExperimentSpec, GroupSpec
from recframe.training.neighbours import nearest, value_sets

#: For an item's text, the texts of old items that are like it.
Alike = Mapping[str, tuple[str, ...]]


@frozen(eq=False)
class EarlierModel:
    """The model that training starts from, built from its run folder without any data.

    Attributes:
        name: Where it is from, for messages.
        unfinished: How far its training came, where it was stopped; else empty.
    """

    name: str
    vocabularies: Vocabularies
    model: DualEncoder
    unfinished: str


def warm_start(earlier: EarlierModel, spec: ExperimentSpec, data: PreparedData, model: DualEncoder) -> Iterator[str]:
    """Give the model what the earlier one has, and say what became of it. The item bias stays as the data counts it."""
    old, kept = earlier.model, earlier.vocabularies
    labels = FeatureInfo(next(iter(data.features.values())).spec, "int32", data.label_vocabulary, 1)
    old_labels = FeatureInfo(labels.spec, "int32", kept.labels, 1)
    ids = _old_ids(labels, old_labels)
    alike = _alike(data, spec, ids)
    # Rows without an item have been pushed away from everything, and say nothing of what an item is like.
    usable = np.zeros(len(kept.labels), bool)
    usable[ids[(ids > 0) & data.known]] = True
    kept_rows = _fill(model.table, old.table, labels, old_labels, alike, usable, data.known)
    yield f"warm start from {earlier.name}: items: {kept_rows}"
    if earlier.unfinished:
        yield f"warm start from {earlier.name}: {earlier.unfinished}"
    for name, layer in model.feature_layers.items():
        yield from _feature(name, layer.weights, earlier, data.features[name], old_labels, alike)
    for name, group in spec.groups.items():
        before = old.spec.groups.get(name)
        same = before is not None and _same_steps(group, before)
        if not (same and _copy(model.encoder_layers[name].weights, old.encoder_layers[name].weights)):
            yield f"warm start: the encoder of group {name!r} starts from scratch: the earlier run's differs"
    # What stands side by side before these layers is by the order of the groups.
    groups, ours, theirs = list(spec.groups) == list(old.spec.groups), spec.model, old.spec.model
    same = groups and (ours.hidden_layer_dims, ours.activation) == (theirs.hidden_layer_dims, theirs.activation)
    if model.hidden and not (same and _copy(_weights(model.hidden), _weights(old.hidden))):
        yield "warm start: the hidden layers start from scratch: the earlier run's differ"
    same = groups and ours.projection == theirs.projection
    if not (same and _copy(model.projection.weights, old.projection.weights)):
        yield "warm start: the projection starts from scratch: the earlier run's differs"
    rest = {variable.name: variable for variable in _rest(old)}
    for variable in _rest(model):
        if variable.name in rest:
            _copy([variable], [rest[variable.name]])


def _feature(
    name: str, weights: list[Any], earlier: EarlierModel, feature: FeatureInfo, old_labels: FeatureInfo, alike: Alike
) -> Iterator[str]:
    """Fill the variables of a feature's layer."""
    model, before = earlier.model, earlier.vocabularies.features.get(name)
    if name in model.tied:
        before, old_weights = old_labels, [model.table]
    elif before is not None and before.spec.type == feature.spec.type:
        old_weights = model.feature_layers[name].weights
    else:
        before, old_weights = None, []
    remarks: list[str] = []
    fits = before is not None and len(weights) == len(old_weights)
    for new, old in zip(weights, old_weights, strict=True) if before is not None and fits else ():
        table = feature.size > 0 and (new.shape[0], old.shape[0]) == (feature.size, before.size if before else 0)
        if before is not None and table and new.shape[1:] == old.shape[1:]:
            items = alike if feature.spec.source == "item" else {}
            usable = np.arange(before.size) > 0
            remarks.append(_fill(new, old, feature, before, items, usable, np.arange(feature.size) > 0))
        else:
            fits = fits and _copy([new], [old])
    if weights and not fits:
        yield f"warm start: feature {name!r} starts from scratch: the earlier run has none of this type and size"
    yield from (f"warm start: feature {name!r}: {rows}" for rows in remarks)


def _fill(
    table: Any,
    old_table: Any,
    new: FeatureInfo,
    old: FeatureInfo,
    alike: Alike,
    usable: np.ndarray,
    wanted: np.ndarray,
) -> str:
    """Give the rows of a table their first values, and say how many came from where.

    Args:
        usable: bool [old rows]; those that means are made of.
        wanted: bool [new rows]; of the new ones, those that need a mean.
    """
    rows, before, ids = table.numpy().copy(), old_table.numpy(), _old_ids(new, old)
    rows[ids >= 0] = before[ids[ids >= 0]]
    place = {text: index for index, text in enumerate(old.vocabulary or ()) if usable[index]}
    near, mean = 0, _mean(before[usable]) if usable.any() else None
    fresh = np.flatnonzero((ids < 0) & wanted)
    for row in fresh.tolist():
        like = [place[text] for text in alike.get((new.vocabulary or ())[row], ()) if text in place]
        near += bool(like)
        if like:
            rows[row] = _mean(before[like])
        elif mean is not None:
            rows[row] = mean
    table.assign(rows)
    rest = "by the mean of all" if mean is not None else "as drawn, since nothing is kept"
    return (
        f"{np.count_nonzero(ids > 0):,} rows kept, {near:,} new by their neighbours, {len(fresh) - near:,} new {rest}"
    )


def _mean(rows: np.ndarray) -> np.ndarray:
    mean: np.ndarray = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _old_ids(new: FeatureInfo, old: FeatureInfo) -> np.ndarray:
    """int64 [new ids]: the id that each had; -1 for what is new. Hash buckets are kept where they are as many."""
    values, before = own_values(new), own_values(old)
    place = {text: index for index, text in reversed(list(enumerate(before))) if index}
    ids = np.full(new.size, -1, np.int64)
    ids[: len(values)] = [0, *(place.get(text, -1) for text in values[1:])][: len(values)]
    if new.size - len(values) == old.size - len(before):
        ids[len(values) :] = np.arange(len(before), old.size)
    return ids


def _alike(data: PreparedData, spec: ExperimentSpec, ids: np.ndarray) -> Alike:
    """For the text of each new item, those of its neighbours among the old items that the data still has."""
    numbers = np.arange(data.num_labels)
    old, new = (np.flatnonzero(data.known & (numbers > 0) & kept) for kept in (ids >= 0, ids < 0))
    if not len(new):
        return {}
    neighbours = nearest(value_sets(data, spec.evaluation.category), old, new)
    text = data.label_vocabulary
    return {text[item]: tuple(text[near] for near in best) for item, best in zip(new, neighbours, strict=True)}


def _same_steps(one: GroupSpec, other: GroupSpec) -> bool:
    """Whether the encoders are the same and read features of the same names, in the same order."""
    return one.encoder == other.encoder and list(one.features) == list(other.features)


def _copy(new: list[Any], old: list[Any]) -> bool:
    """Take over all of some variables, or none where their shapes differ."""
    if [tuple(variable.shape) for variable in new] != [tuple(variable.shape) for variable in old]:
        return False
    for variable, other in zip(new, old, strict=True):
        variable.assign(other)
    return True


def _weights(layers: list[Any]) -> list[Any]:
    return [variable for layer in layers for variable in layer.weights]


def _rest(model: DualEncoder) -> list[Any]:
    """The variables that belong to no layer, except the table and what is counted from the data."""
    layers = [*model.feature_layers.values(), *model.encoder_layers.values(), *model.hidden, model.projection]
    named = {id(variable) for variable in (model.table, *_weights(layers))}
    return [variable for variable in model.weights if id(variable) not in named and variable.name != "item_bias"]
