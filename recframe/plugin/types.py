"""The contributions of plugins: named values that are checked when they are made.

Each contribution has a frozen attrs class of options and one or more functions. TensorFlow types appear only in
annotations, so that listing the plugins never loads TensorFlow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from attrs import frozen

from recframe.errors import DataError, PluginError

if TYPE_CHECKING:
    import keras
    import numpy as np
    import polars as pl
    import tensorflow as tf

    from recframe.interactions.interactions import Interactions
    from recframe.plugin.exporting import ExportContext, ExportedFile
    from recframe.plugin.provider import Origin


@frozen
class NoOptions:
    """The options class of a contribution without options."""


@frozen
class Contribution:
    """What every contribution has: a name, a summary of one line, and the class of its options.

    Attributes:
        origin: The plugin it comes from, for error messages; the plugin manager sets it. None for a built-in.
    """

    kind: ClassVar[str] = "contribution"
    name: str
    summary: str = attrs.field(kw_only=True)
    options: type = attrs.field(default=NoOptions, kw_only=True)
    origin: Origin | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        where = f"{type(self).__name__} {self.name!r}"
        if not isinstance(self.name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise PluginError(f"{where}: a name is lower-case letters, digits and underscores")
        if not isinstance(self.options, type):
            got = type(self.options).__name__
            raise PluginError(f"{where}: options must be a class, got a {got}; have you called it? Leave out the ()")
        # All frozen attrs classes share one __setattr__, which refuses.
        if not attrs.has(self.options) or self.options.__setattr__ is not NoOptions.__setattr__:
            raise PluginError(f"{where}: options must be a frozen attrs class, got {self.options.__name__}")
        for field in attrs.fields(self.options):
            if not field.metadata.get("help"):
                raise PluginError(f"{where}: option {field.name!r} has no help; declare it with recframe.option(...)")
        for field in attrs.fields(type(self)):
            if field.metadata.get("function") and not callable(getattr(self, field.name)):
                got = type(getattr(self, field.name)).__name__
                raise PluginError(f"{where}: {field.name} must be a function, got a {got}")


def _function(**kwargs: Any) -> Any:
    return attrs.field(kw_only=True, metadata={"function": True}, **kwargs)


def _always_or_function(causal: object) -> object:
    """The function of the options; a bool becomes a function that always returns it."""
    return (lambda options: causal) if isinstance(causal, bool) else causal


@frozen
class EncoderContext:
    """What an encoder is built with.

    Attributes:
        width: Values of a label's embedding, and of the vector that the model makes of what the encoder gives.
        history_length: Steps of the longest history.
        step_width: Values of a step: the embeddings of the group's features, side by side.
    """

    width: int
    history_length: int
    step_width: int


@frozen
class EncoderType(Contribution):
    """Turns the steps of a history into one vector.

    `build(options, context)` returns a Keras layer, called as `layer(steps, mask=mask)` with steps float32
    [batch, length, context.step_width] and mask bool [batch, length] (False is padding, on the right). It returns
    float32 [batch, units].

    Keras tells the layer and all layers within whether it trains: Dropout and BatchNormalization work in training, and
    in nothing else. The penalties of regularisers and of `add_loss` are added to the loss.

    An encoder is causal if `causal` is true, or is a function that returns true for the options. A causal encoder
    returns a vector for each step, [batch, length, units]. The vector at a step depends on no later step, and a padded
    step repeats the vector before it.

    A causal layer may have two further methods. `last(steps, mask)` returns only the vector of the whole history,
    [batch, units], at less cost. `packed(steps, mask, segments)` reads rows that hold several histories, so that
    training needs no padding. `segments`, int32 [batch, length], numbers the histories of a row, and the vectors of
    each history are the same as if it stood alone. Recurrent layers of Keras do not need `packed`.

    `warn(options, context)` may return a warning about the options, or None.
    """

    kind: ClassVar[str] = "encoder"
    build: Callable[[Any, EncoderContext], keras.Layer] = _function()
    causal: Callable[[Any], bool] = attrs.field(  # type: ignore[assignment]
        default=False, kw_only=True, converter=_always_or_function, metadata={"function": True}
    )
    warn: Callable[[Any, EncoderContext], str | None] = _function(default=lambda options, context: None)


@frozen
class FeatureValues:
    """The distinct values of a feature, and how often each occurs in training.

    Attributes:
        values: [n] the values, of any dtype. `recframe.texts_of` returns them as texts. `recframe.numbers_of` returns
            them as numbers, and reads texts that are numbers.
        counts: int64 [n] training events with the value.
    """

    values: np.ndarray
    counts: np.ndarray


@frozen
class EncodedFeature:
    """A feature's values as the model reads them.

    Attributes:
        codes: int32 or float32 [n], one for each value; 0 is padding and unknown. Or int32 [n, codes]: the codes of the
            words of each value, the known ones in their order, padded with 0.
        vocabulary: The text of each id; `vocabulary[0]` is padding and unknown. None for numbers. Several codes per
            value are the ids of words, which `recframe.words_of` finds with the statistic `split_at`.
        statistics: What else the phone needs to encode a value, by the keys that `recframe.runtime.encoding` reads.
    """

    codes: np.ndarray
    vocabulary: tuple[str, ...] | None
    statistics: Mapping[str, float | Sequence[float]] = attrs.field(factory=dict)


@frozen
class FeatureContext:
    """What a feature's layer receives: the number of ids (0 for numbers) and the width of the label embeddings."""

    size: int
    width: int


@frozen
class FeatureType(Contribution):
    """Turns raw values into model inputs, and inputs into vectors.

    `encode(options, values)` turns the distinct values into ids or numbers, in NumPy. `build(options, context)` returns
    a Keras layer that maps [batch, length] of `dtype` to float32 [batch, length, units].

    A type with `several` reads a list of values at each step, such as an item's genres. Its layer receives
    [batch, length, values]: the values of a step, and then padding, 0. If the type has an option named `values`, this
    option limits how many are read. The layer of a type whose `encode` gives several codes per value, such as the words
    of a title, receives the same.
    """

    kind: ClassVar[str] = "feature"
    dtype: str = attrs.field(default="int32", kw_only=True)
    several: bool = attrs.field(default=False, kw_only=True)
    encode: Callable[[Any, FeatureValues], EncodedFeature] = _function()
    build: Callable[[Any, FeatureContext], keras.Layer] = _function()


@frozen
class LossContext:
    """What a loss receives in addition to its options.

    Attributes:
        label_counts: int64 [labels]; how often each label id was a training target; id 0 is padding.
        width: The length of a vector, and of a row of the table.
        step_seed: Returns the seed of the present training step, int32 [2]. Each step has another seed, and a repeated
            experiment has the same seeds. Call it in the loss, for functions such as `tf.random.stateless_uniform`.
    """

    label_counts: np.ndarray
    width: int
    step_seed: Callable[[], tf.Tensor]


@frozen
class LossType(Contribution):
    """`build(options, context)` returns `loss(vectors, table, labels, weights)`.

    The arguments are vectors float32 [n, width], table float32 [labels, width], labels int32 [n] and weights float32
    [n] (0 for padding, which comes last). The result is the weighted mean, a scalar. If a loss reads the table only by
    `tf.gather`, the optimizer updates only these rows, and the cost does not grow with the number of items.

    `compared(options, labels, targets)` returns with how many labels each target of a step is compared; by default with
    all. The forecasts of time and memory use it.
    """

    kind: ClassVar[str] = "loss"
    build: Callable[[Any, LossContext], Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]] = _function()
    compared: Callable[[Any, int, int], int] = _function(default=lambda options, labels, targets: labels)


def _dotted(option: str) -> str:
    return f"dataset.{option}"


@frozen
class DatasetContext:
    """What a dataset receives in addition to its options.

    Attributes:
        seed: The seed of the run.
        cache: The folder for downloads.
        say: Shows a note to the user.
        option: Returns how the user sets an option, for messages: `dataset.path` for `path` on the command line. None
            if this user cannot set the option.
    """

    seed: int
    cache: Path
    say: Callable[[str], None] = lambda message: None
    option: Callable[[str], str | None] = _dotted


@frozen
class DatasetFiles:
    """The files of a dataset, and all of their rows, before any filter.

    Attributes:
        paths: The files that are read.
        read: Returns a Polars frame for each table, by the name of the table. Raises DataError for an unusable row.
    """

    paths: tuple[Path, ...]
    read: Callable[[], Mapping[str, pl.DataFrame]]


def _takes_no_table(table: object, options: object, context: object) -> Interactions:
    raise DataError("this dataset takes no tables of Python")


def _has_no_files(options: object, context: object) -> DatasetFiles:
    raise DataError("this dataset has no files of its own")


@frozen
class DatasetType(Contribution):
    """`load(options, context)` returns the interactions, sorted by user and time.

    `check(options)` raises DataError for mistakes that are quick to detect, such as a path that does not exist. The
    command line calls it before it loads TensorFlow.

    A dataset of tables may have `from_table(table, options, context)`, which returns the interactions of a table in
    Python; `options` are values by name. A dataset that is published may have `files(options, context)`, which returns
    its files, and downloads them into the cache if the options name none.
    """

    kind: ClassVar[str] = "dataset"
    load: Callable[[Any, DatasetContext], Interactions] = _function()
    check: Callable[[Any], None] = _function(default=lambda options: None)
    from_table: Callable[[Any, Mapping[str, Any], DatasetContext], Interactions] = _function(default=_takes_no_table)
    files: Callable[[Any, DatasetContext], DatasetFiles] = _function(default=_has_no_files)


@frozen
class ExporterType(Contribution):
    """`export(options, context)` writes files below `context.folder` and returns an ExportedFile for each model.

    It raises `recframe.ExportError` for a model that its format cannot hold. Then nothing of it is exported.
    """

    kind: ClassVar[str] = "exporter"
    export: Callable[[Any, ExportContext], Sequence[ExportedFile]] = _function()


@frozen
class CommandType(Contribution):
    """A command of `recframe`, which parses its own arguments.

    `run(words)` receives the words after the command's name and returns the exit code: 0 for success, 1 for failure. A
    RecframeError becomes one message and exit code 2. `recframe --help` shows `usage`, such as `demo RUN [--port N]`.
    """

    kind: ClassVar[str] = "command"
    usage: str = attrs.field(kw_only=True)
    run: Callable[[list[str]], int] = _function()
