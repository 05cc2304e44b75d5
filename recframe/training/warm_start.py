"""Warm start: copies the weights of an earlier run before training, wherever both models have the same variable.

A row of an embedding table is matched by the text of its value, so its id may change. A new item starts at the mean of
the most similar old items, or of all old items if none is similar. Any other new value starts at the mean of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.vocabularies import Vocabularies, without_hash_buckets
from recframe.model.dual_encoder import DualEncoder
from recframe.plugin.catalogue import FeatureInfo
from recframe.spec.experiment import ExperimentSpec, GroupSpec
from recframe.training.neighbours import most_similar, value_sets

#: The text of an item, and the texts of similar old items.
SimilarItems = Mapping[str, tuple[str, ...]]


@frozen(eq=False)
class EarlierModel:
    """The model that training starts from. It is built from its run folder, without data.

    Attributes:
        name: The run folder, for messages.
        unfinished: A note if its training was stopped; else empty.
    """

    name: str
    vocabularies: Vocabularies
    model: DualEncoder
    unfinished: str


def warm_start(earlier: EarlierModel, spec: ExperimentSpec, data: PreparedData, model: DualEncoder) -> Iterator[str]:
    """Copy the earlier model's weights, and yield notes on what was copied. The item bias still comes from the data."""
    old, kept = earlier.model, earlier.vocabularies
    labels = FeatureInfo(next(iter(data.features.values())).spec, "int32", data.label_vocabulary, 1)
    old_labels = FeatureInfo(labels.spec, "int32", kept.labels, 1)
    ids = _old_ids(labels, old_labels)
    similar = _similar_items(data, spec, ids)
    # Training pushes rows without an item away from every history, so they must not be part of a mean.
    usable = np.zeros(len(kept.labels), bool)
    usable[ids[(ids > 0) & data.known]] = True
    kept_rows = _fill_table(model.table, old.table, labels, old_labels, similar, usable, data.known)
    yield f"warm start from {earlier.name}: items: {kept_rows}"
    if earlier.unfinished:
        yield f"warm start from {earlier.name}: {earlier.unfinished}"
    for name, layer in model.feature_layers.items():
        yield from _copy_feature(name, layer.weights, earlier, data.features[name], old_labels, similar)
    for name in spec.encoders:
        before = old.spec.groups.get(name)
        same = before is not None and _same_steps(spec.groups[name], before)
        if not (same and _copy(model.encoder_layers[name].weights, old.encoder_layers[name].weights)):
            yield f"warm start: the encoder of group {name!r} starts from scratch: the earlier run's differs"
    # The input of these layers is the concatenation of the groups, in their order.
    groups, ours, theirs = _joined(spec) == _joined(old.spec), spec.model, old.spec.model
    same = groups and (ours.hidden_layer_dims, ours.activation) == (theirs.hidden_layer_dims, theirs.activation)
    if model.hidden and not (same and _copy(_weights(model.hidden), _weights(old.hidden))):
        yield "warm start: the hidden layers start from scratch: the earlier run's differ"
    same = groups and ours.projection == theirs.projection
    if not (same and _copy(model.projection.weights, old.projection.weights)):
        yield "warm start: the projection starts from scratch: the earlier run's differs"
    rest = {variable.name: variable for variable in _other_variables(old)}
    for variable in _other_variables(model):
        if variable.name in rest:
            _copy([variable], [rest[variable.name]])


def _copy_feature(
    name: str,
    weights: list[Any],
    earlier: EarlierModel,
    feature: FeatureInfo,
    old_labels: FeatureInfo,
    similar: SimilarItems,
) -> Iterator[str]:
    """Copy the variables of a feature's layer, and yield notes."""
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
            items = similar if feature.spec.source == "item" else {}
            usable = np.arange(before.size) > 0
            remarks.append(_fill_table(new, old, feature, before, items, usable, np.arange(feature.size) > 0))
        else:
            fits = fits and _copy([new], [old])
    if weights and not fits:
        yield f"warm start: feature {name!r} starts from scratch: the earlier run has none of this type and size"
    yield from (f"warm start: feature {name!r}: {rows}" for rows in remarks)


def _fill_table(
    table: Any,
    old_table: Any,
    new: FeatureInfo,
    old: FeatureInfo,
    similar: SimilarItems,
    usable: np.ndarray,
    wanted: np.ndarray,
) -> str:
    """Set the initial rows of a table. Returns a text with the number of rows from each source.

    Args:
        usable: bool [old rows]; the rows that may be part of a mean.
        wanted: bool [new rows]; the rows that get a mean if they are new.
    """
    rows, before, ids = table.numpy().copy(), old_table.numpy(), _old_ids(new, old)
    rows[ids >= 0] = before[ids[ids >= 0]]
    place = {text: index for index, text in enumerate(old.vocabulary or ()) if usable[index]}
    near, mean = 0, _mean(before[usable]) if usable.any() else None
    fresh = np.flatnonzero((ids < 0) & wanted)
    for row in fresh.tolist():
        like = [place[text] for text in similar.get((new.vocabulary or ())[row], ()) if text in place]
        near += bool(like)
        if like:
            rows[row] = _mean(before[like])
        elif mean is not None:
            rows[row] = mean
    table.assign(rows)
    rest = "by the mean of all" if mean is not None else "at random, since no row is kept"
    return (
        f"{np.count_nonzero(ids > 0):,} rows kept, {near:,} new by their neighbours, {len(fresh) - near:,} new {rest}"
    )


def _mean(rows: np.ndarray) -> np.ndarray:
    mean: np.ndarray = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _old_ids(new: FeatureInfo, old: FeatureInfo) -> np.ndarray:
    """int64 [new ids]: the old id of each; -1 if it is new. Hash buckets are kept if their number is the same."""
    values, before = without_hash_buckets(new), without_hash_buckets(old)
    place = {text: index for index, text in reversed(list(enumerate(before))) if index}
    ids = np.full(new.size, -1, np.int64)
    ids[: len(values)] = [0, *(place.get(text, -1) for text in values[1:])][: len(values)]
    if new.size - len(values) == old.size - len(before):
        ids[len(values) :] = np.arange(len(before), old.size)
    return ids


def _similar_items(data: PreparedData, spec: ExperimentSpec, ids: np.ndarray) -> SimilarItems:
    """The similar old items of each new item. Only old items that are still in the data count."""
    numbers = np.arange(data.num_labels)
    old, new = (np.flatnonzero(data.known & (numbers > 0) & kept) for kept in (ids >= 0, ids < 0))
    if not len(new):
        return {}
    neighbours = most_similar(value_sets(data, spec.evaluation.category), old, new)
    text = data.label_vocabulary
    return {text[item]: tuple(text[near] for near in best) for item, best in zip(new, neighbours, strict=True)}


def _same_steps(one: GroupSpec, other: GroupSpec) -> bool:
    """Whether the encoders are equal and read features with the same names in the same order."""
    return one.encoder == other.encoder and list(one.features) == list(other.features)


def _joined(spec: ExperimentSpec) -> list[tuple[str, ...]]:
    """What is concatenated: the groups, and the features of those without an encoder."""
    return [(name, *(() if name in spec.encoders else group.features)) for name, group in spec.groups.items()]


def _copy(new: list[Any], old: list[Any]) -> bool:
    """Copy all variables; if any shape differs, copy none. Returns whether they were copied."""
    if [tuple(variable.shape) for variable in new] != [tuple(variable.shape) for variable in old]:
        return False
    for variable, other in zip(new, old, strict=True):
        variable.assign(other)
    return True


def _weights(layers: list[Any]) -> list[Any]:
    return [variable for layer in layers for variable in layer.weights]


def _other_variables(model: DualEncoder) -> list[Any]:
    """The variables that belong to no layer, except the label table and the item bias."""
    layers = [*model.feature_layers.values(), *model.encoder_layers.values(), *model.hidden, model.projection]
    named = {id(variable) for variable in (model.table, *_weights(layers))}
    return [variable for variable in model.weights if id(variable) not in named and variable.name != "item_bias"]
