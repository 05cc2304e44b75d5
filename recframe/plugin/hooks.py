"""The whole extension API: six hooks. An implementation yields contributions; nothing is registered by side effect.

A plugin is a module that an entry point of the group `recframe` names. It implements the hooks that it needs, and marks
each with `recframe.hookimpl`. A hook takes no argument. recframe calls each hook once, when it loads the plugins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from recframe.plugin.types import CommandType, DatasetType, EncoderType, ExporterType, FeatureType, LossType

PROJECT = "recframe"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def recframe_encoders() -> Iterable[EncoderType]:
    """Called once, when plugins are loaded. Yields encoders; `encoder=NAME` then chooses one of them.

    docs/writing-an-encoder.md shows every step.

    >>> import keras, recframe
    >>> def build(options, context):
    ...     return keras.layers.GlobalAveragePooling1D()
    >>> @recframe.hookimpl
    ... def recframe_encoders():
    ...     yield recframe.EncoderType("mean", summary="The mean of the steps.", build=build)
    >>> [encoder.name for encoder in recframe_encoders()]
    ['mean']
    """
    raise NotImplementedError


@hookspec
def recframe_feature_types() -> Iterable[FeatureType]:
    """Called once, when plugins are loaded. Yields feature types; the `type` of a feature then chooses one of them.

    docs/writing-a-feature.md shows every step.

    >>> import keras, recframe
    >>> def encode(options, values):
    ...     return recframe.EncodedFeature(recframe.numbers_of(values.values).astype("float32"), None)
    >>> def build(options, context):
    ...     return keras.layers.Lambda(lambda numbers: numbers[..., None])
    >>> @recframe.hookimpl
    ... def recframe_feature_types():
    ...     yield recframe.FeatureType("plain", summary="A number.", dtype="float32", encode=encode, build=build)
    >>> [feature.dtype for feature in recframe_feature_types()]
    ['float32']
    """
    raise NotImplementedError


@hookspec
def recframe_losses() -> Iterable[LossType]:
    """Called once, when plugins are loaded. Yields losses; `loss=NAME` then chooses one of them.

    docs/writing-a-loss.md shows every step.

    >>> import recframe
    >>> def build(options, context):
    ...     import tensorflow as tf
    ...     def loss(vectors, table, labels, weights):
    ...         scores = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)
    ...         return tf.reduce_sum(weights * tf.square(1.0 - scores)) / tf.reduce_sum(weights)
    ...     return loss
    >>> @recframe.hookimpl
    ... def recframe_losses():
    ...     yield recframe.LossType("squared", summary="Squared distance of the label's score from 1.", build=build)
    >>> [loss.kind for loss in recframe_losses()]
    ['loss']
    """
    raise NotImplementedError


@hookspec
def recframe_datasets() -> Iterable[DatasetType]:
    """Called once, when plugins are loaded. Yields datasets; `dataset=NAME` then chooses one of them.

    docs/writing-a-dataset.md shows every step.

    >>> import numpy as np, recframe
    >>> def load(options, context):
    ...     user, item, time = np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 2, 3])
    ...     return recframe.Interactions.from_columns(user, item, time, {"id": np.array(["a", "b"])})
    >>> @recframe.hookimpl
    ... def recframe_datasets():
    ...     yield recframe.DatasetType("three", summary="Three events.", load=load)
    >>> [dataset.load(None, None).num_events for dataset in recframe_datasets()]
    [3]
    """
    raise NotImplementedError


@hookspec
def recframe_exporters() -> Iterable[ExporterType]:
    """Called once, when plugins are loaded. Yields exporters; `exporters=[NAME]` then chooses one of them.

    docs/writing-an-exporter.md shows every step.

    >>> import recframe
    >>> def export(options, context):
    ...     from recframe.export import ask_lite, compare, convert
    ...     content = convert(context.module, "float32", "plain/float32")
    ...     (context.folder / "plain.tflite").write_bytes(content)
    ...     figures = compare(context.expected, ask_lite(content), context.histories)
    ...     return [recframe.ExportedFile("plain/float32", "plain.tflite", figures)]
    >>> @recframe.hookimpl
    ... def recframe_exporters():
    ...     yield recframe.ExporterType("plain", summary="As the converter writes it.", export=export)
    >>> [exporter.name for exporter in recframe_exporters()]
    ['plain']
    """
    raise NotImplementedError


@hookspec
def recframe_commands() -> Iterable[CommandType]:
    """Called once, when plugins are loaded. Yields commands; `recframe NAME` then runs one of them.

    >>> import recframe
    >>> def run(words):
    ...     print(" ".join(words))
    ...     return 0
    >>> @recframe.hookimpl
    ... def recframe_commands():
    ...     yield recframe.CommandType("echo", summary="print the words", usage="echo WORD...", run=run)
    >>> [command.run(["it"]) for command in recframe_commands()]
    it
    [0]
    """
    raise NotImplementedError
