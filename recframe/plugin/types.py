"""What a plugin contributes: named values, checked when they are made.

Each contribution carries a frozen attrs class of options and one or two functions. TensorFlow types appear only in
annotations, so that listing the plugins never loads it.
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
    from recframe.plugin.origin import Origin


@frozen
class NoOptions:
    """The options of a contribution that has none."""


@frozen
class Contribution:
    """The common part: a name, a line about it, and the class of its options.

    Attributes:
        origin: The plugin, which the plugin manager sets, so that errors can name it; None for a built-in.
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
            made = type(self.options).__name__
            raise PluginError(f"{where}: options must be a class, got a {made}; have you called it? Leave out the ()")
        # attrs gives every frozen class the same refusing __setattr__.
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
    """A function of the options, also where one answer goes for all of them."""
    return (lambda options: causal) if isinstance(causal, bool) else causal


@frozen
class EncoderContext:
    """What an encoder receives: the label embeddings' width and the longest history."""

    width: int
    history_length: int


@frozen
class EncoderType(Contribution):
    """Turns the steps of a history into one vector.

    `build(options, context)` returns a Keras layer, called as `layer(steps, mask=mask)` with steps float32
    [batch, length, features] and mask bool [batch, length] (False is padding, on the right). It returns float32
    [batch, units].

    An encoder is causal where `causal` is true, or is a function that is true of the options. It returns
    [batch, length, units] instead: the vector at a step depends on no later step, and a padded step repeats the vector
    before it. A causal layer may have a method `last(steps, mask)` that gives the vector of the whole history,
    [batch, units], at less cost. It may have a method `packed(steps, mask, segments)`, segments int32 [batch, length],
    that reads rows of several histories: the steps of one have the same number, and the vectors are those of each
    history alone. Training then has no padding; recurrent layers of Keras need no such method.
    """

    kind: ClassVar[str] = "encoder"
    build: Callable[[Any, EncoderContext], keras.Layer] = _function()
    causal: Callable[[Any], bool] = attrs.field(  # type: ignore[assignment]
        default=False, kw_only=True, converter=_always_or_function, metadata={"function": True}
    )
    warn: Callable[[Any, EncoderContext], str | None] = _function(default=lambda options, context: None)


@frozen
class FeatureValues:
    """The distinct values of a feature and how often training saw each.

    Attributes:
        values: [n] the values, of any dtype; `recframe.texts_of` has the text of each, and `recframe.numbers_of` its
            number, also of a text that is one.
        counts: int64 [n] training events with the value.
    """

    values: np.ndarray
    counts: np.ndarray


@frozen
class EncodedFeature:
    """A feature's values as the model reads them.

    Attributes:
        codes: int32 or float32 [n], one for each value; 0 is padding and unknown. Or int32 [n, codes]: those of the
            words of each value, the known ones in their order, then 0.
        vocabulary: The value of each id as text, `vocabulary[0]` standing for padding and unknown; None for numbers.
            Several codes a value are ids of words, which `recframe.words_of` finds by the statistic `split_at`.
        statistics: What else it takes to encode a value on the phone, in the words of `recframe.runtime.encoding`.
    """

    codes: np.ndarray
    vocabulary: tuple[str, ...] | None
    statistics: Mapping[str, float | Sequence[float]] = attrs.field(factory=dict)


@frozen
class FeatureContext:
    """What a feature's layer receives: the number of ids that can occur (0 for numbers) and the label width."""

    size: int
    width: int


@frozen
class FeatureType(Contribution):
    """Turns raw values into model inputs, and inputs into vectors.

    `encode(options, values)` runs on the host. `build(options, context)` returns a Keras layer that maps
    [batch, length] of `dtype` to float32 [batch, length, units].

    A type with `several` reads a list a step, such as an item's genres: its layer is given [batch, length, values], a
    step's values first and then padding, 0. An option `values`, where it has one, limits how many are read. The layer
    of a type whose `encode` gives several codes a value, such as the words of a title, is given the same.
    """

    kind: ClassVar[str] = "feature"
    dtype: str = attrs.field(default="int32", kw_only=True)
    several: bool = attrs.field(default=False, kw_only=True)
    encode: Callable[[Any, FeatureValues], EncodedFeature] = _function()
    build: Callable[[Any, FeatureContext], keras.Layer] = _function()


@frozen
class LossContext:
    """What a loss receives beside its options.

    Attributes:
        label_counts: int64 [labels]; how often each label id was a training target; id 0 is padding.
        width: Values of a vector, and of a row of the table.
        step_seed: Returns int32 [2], the seed of the step that is computed: another at each step, and the same for the
            same experiment. Give it to `tf.random.stateless_uniform` and its like, within the loss.
    """

    label_counts: np.ndarray
    width: int
    step_seed: Callable[[], tf.Tensor]


@frozen
class LossType(Contribution):
    """`build(options, context)` returns `loss(vectors, table, labels, weights)`.

    vectors float32 [n, width], table float32 [labels, width], labels int32 [n], weights float32 [n] (0 for padding,
    which comes last); the result is the weighted mean, a scalar. A loss that reads the table by `tf.gather` alone costs
    the same however many items there are: the optimizer then touches these rows and no others.

    `compared(options, labels, targets)` returns with how many labels each of a step's targets is compared, all of them
    unless it is given. The forecasts of time and memory come from it.
    """

    kind: ClassVar[str] = "loss"
    build: Callable[[Any, LossContext], Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]] = _function()
    compared: Callable[[Any, int, int], int] = _function(default=lambda options, labels, targets: labels)


def _dotted(option: str) -> str:
    return f"dataset.{option}"


@frozen
class DatasetContext:
    """What a dataset is given beside its options.

    Attributes:
        seed: The run's.
        cache: The folder for downloads.
        say: Tells the user something.
        option: How the user sets an option, for messages: `path` is `dataset.path` on the command line. None where
            this user cannot set it.
    """

    seed: int
    cache: Path
    say: Callable[[str], None] = lambda message: None
    option: Callable[[str], str | None] = _dotted


@frozen
class DatasetFiles:
    """The files of a dataset, and their rows before anything is left out.

    Attributes:
        paths: The files that are read.
        read: The rows, a Polars frame by the name of the table. Raises DataError for a row that cannot be used.
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

    `check(options)` raises DataError for what is wrong at first sight, such as a path that is not there. The command
    line asks it before it loads TensorFlow.

    A dataset of tables may have `from_table(table, options, context)`: the interactions of a table in Python, with the
    options by their names. One of a published set may have `files(options, context)`: its files, fetched
    into the cache where the options name none.
    """

    kind: ClassVar[str] = "dataset"
    load: Callable[[Any, DatasetContext], Interactions] = _function()
    check: Callable[[Any], None] = _function(default=lambda options: None)
    from_table: Callable[[Any, Mapping[str, Any], DatasetContext], Interactions] = _function(default=_takes_no_table)
    files: Callable[[Any, DatasetContext], DatasetFiles] = _function(default=_has_no_files)


@frozen
class ExporterType(Contribution):
    """`export(options, context)` writes files below `context.folder` and returns an ExportedFile for each model.

    It raises `recframe.ExportError` for a model that its format cannot hold. Then nothing is exported.
    """

    kind: ClassVar[str] = "exporter"
    export: Callable[[Any, ExportContext], Sequence[ExportedFile]] = _function()


@frozen
class CommandType(Contribution):
    """A command of `recframe`, which parses its own arguments.

    `run(words)` is given the words after the command's name and returns the exit code: 0 done, 1 failed. A
    RecframeError becomes one message and exit code 2. `usage` is how `recframe --help` shows it: `demo RUN [--port N]`.
    """

    kind: ClassVar[str] = "command"
    usage: str = attrs.field(kw_only=True)
    run: Callable[[list[str]], int] = _function()
