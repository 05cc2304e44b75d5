"""Contributions that each break one demand of their contract, with the demand."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import keras
import numpy as np
import tensorflow as tf
from attrs import frozen

import recframe
from recframe.errors import DataError
from recframe.export.parity import compare, require_equal
from recframe.interactions.interactions import Interactions
from recframe.plugin.exporting import Answers, ExportContext, ExportedFile
from recframe.plugin.types import (
    CommandType,
    Contribution,
    DatasetType,
    EncodedFeature,
    EncoderType,
    ExporterType,
    FeatureType,
    FeatureValues,
    LossType,
    NoOptions,
)
from tests.contracts.broken_commands import BROKEN_COMMANDS

BROKEN: list[tuple[Contribution, str]] = [*BROKEN_COMMANDS]


def broken(contribution: Contribution, demand: str) -> None:
    BROKEN.append((contribution, demand))


def a_layer(function: Callable[..., tf.Tensor], spare: bool = False) -> keras.Layer:
    """A layer of one function, with a weight that nothing uses if it is to have a `spare` one."""

    class Made(keras.layers.Layer):  # type: ignore[misc]
        supports_masking = True

        def build(self, shape: Any) -> None:
            self.spare = self.add_weight(shape=(2,), name="spare") if spare else None

        def call(self, inputs: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
            return function(inputs) if mask is None else function(inputs, tf.cast(mask, tf.float32)[..., None])

    return Made()


def mean(steps: tf.Tensor, kept: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(steps * kept, 1) / tf.maximum(tf.reduce_sum(kept, 1), 1.0)


def encoder(name: str, function: Callable[..., tf.Tensor], demand: str, causal: bool = False, **more: Any) -> None:
    def build(options: Any, context: Any) -> keras.Layer:
        return a_layer(function, **more)

    broken(EncoderType(name, summary="Broken.", build=build, causal=lambda options: causal), demand)


PADDING, EMPTY = "padding is neutral", "an empty history gives numbers"
GRADIENTS, CONVERTS = "gradients reach every weight", "converts to builtin ops and answers the same"
encoder("leaks_padding", lambda steps, kept: tf.reduce_mean(steps, 1), PADDING)
encoder("divides_by_0", lambda steps, kept: tf.reduce_sum(steps * kept, 1) / tf.reduce_sum(kept, 1), EMPTY)
encoder("ignores_the_steps", lambda steps, kept: mean(steps, kept) * 0, "the steps matter")
encoder("gives_steps", lambda steps, kept: steps * kept, "gives one finite vector for a history")
encoder(
    "looks_ahead",
    lambda steps, kept: tf.cumsum(steps * kept, axis=1, reverse=True),
    "a causal encoder gives each prefix its own vector",
    causal=True,
)
encoder("spare_weight", mean, GRADIENTS, spare=True)
encoder("odd_op", lambda steps, kept: tf.raw_ops.Igamma(a=mean(steps, kept) ** 2 + 1.0, x=1.0), CONVERTS)


def loss(name: str, function: Callable[..., tf.Tensor], demand: str) -> None:
    broken(LossType(name, summary="Broken.", build=lambda options, context: function), demand)


def losses_of(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    scores = tf.matmul(vectors, table, transpose_b=True)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)


loss("counts_padding", lambda v, t, labels, w: tf.reduce_mean(losses_of(v, t, labels)), "padded rows count for nothing")
loss(
    "no_rows",
    lambda v, t, labels, w: tf.reduce_sum(w * losses_of(v, t, labels)) / tf.reduce_sum(w),
    "only padding gives zero and not nan",
)
loss(
    "backwards",
    lambda v, t, labels, w: -tf.reduce_sum(w * losses_of(v, t, labels)) / tf.maximum(tf.reduce_sum(w), 1.0),
    "a vector that points at its label costs less",
)
loss("infinite", lambda v, t, labels, w: tf.reduce_sum(w) / 0.0, "is a finite scalar")


def by_count(values: FeatureValues) -> EncodedFeature:
    order = np.argsort(-values.counts, kind="stable")
    codes = np.zeros(len(order), np.int32)
    codes[order] = np.arange(1, len(order) + 1)
    return EncodedFeature(codes, ("[none]", *map(str, values.values[order])))


def embed(context: Any) -> keras.Layer:
    return keras.layers.Embedding(context.size, context.width)


def feature(
    name: str,
    demand: str,
    encode: Callable[[FeatureValues], EncodedFeature] = by_count,
    build: Callable[[Any], keras.Layer] = embed,
    dtype: str = "int32",
    several: bool = False,
) -> None:
    made = FeatureType(
        name,
        summary="Broken.",
        dtype=dtype,
        several=several,
        encode=lambda options, values: encode(values),
        build=lambda options, context: build(context),
    )
    broken(made, demand)


def numbers(values: FeatureValues) -> EncodedFeature:
    if values.values.dtype.kind not in "fiu":
        raise DataError("numbers only")
    return EncodedFeature(values.values.astype(np.float32), None)


def in_given_order(values: FeatureValues) -> EncodedFeature:
    return EncodedFeature(np.arange(1, len(values.values) + 1, dtype=np.int32), ("[none]", *map(str, values.values)))


def unseen_at_random(values: FeatureValues) -> EncodedFeature:
    found = by_count(values)
    drawn = np.random.default_rng().integers(0, 4, len(found.codes)).astype(np.int32)
    return attrs.evolve(found, codes=np.where(values.counts > 0, found.codes, drawn))


CODES, LAYER = "gives each value a code", "the layer gives a finite vector for each step"
feature("undeclared", "declares a dtype that the model reads", dtype="int64")
feature(
    "bare_error", "takes or refuses", lambda values: numbers(attrs.evolve(values, values=values.values.astype(int)))
)
feature("wide_codes", CODES, lambda values: attrs.evolve(by_count(values), codes=by_count(values).codes.astype(int)))
feature("too_few_codes", CODES, lambda values: attrs.evolve(by_count(values), codes=by_count(values).codes[1:]))
feature(
    "text_twice", CODES, lambda values: attrs.evolve(by_count(values), vocabulary=("a",) * (len(values.values) + 1))
)
feature("past_the_end", CODES, lambda values: attrs.evolve(by_count(values), vocabulary=("[none]", "a")))
feature(
    "not_finite",
    "odd values are refused or get sound codes",
    numbers,
    lambda c: keras.layers.Reshape((-1, 1)),
    "float32",
)
feature(
    "from_0", "id 0 is left to padding", lambda values: attrs.evolve(by_count(values), codes=by_count(values).codes - 1)
)
feature("unseen_at_random", "values that training never saw are no trouble", unseen_at_random)
feature("in_given_order", "the same values get the same codes in any order", in_given_order)
feature(
    "odd_statistics",
    "statistics can stand in a manifest",
    lambda values: attrs.evolve(by_count(values), statistics={"mean": np.float32(1)}),  # type: ignore[dict-item]
)
feature(
    "padded_mean",
    "padding among a steps values is neutral",
    build=lambda c: a_layer(lambda ids: tf.reduce_mean(tf.cast(ids, tf.float32), axis=-1, keepdims=True)),
    several=True,
)
feature("flat", LAYER, build=lambda context: a_layer(lambda ids: tf.cast(ids, tf.float32)))
feature(
    "not_numbers", LAYER, build=lambda context: a_layer(lambda ids: tf.math.log(tf.cast(ids, tf.float32))[..., None])
)
feature("blind", "the values matter", build=lambda c: a_layer(lambda ids: tf.cast(ids, tf.float32)[..., None] * 0))
feature("spare", GRADIENTS, build=lambda c: a_layer(lambda ids: tf.cast(ids, tf.float32)[..., None], spare=True))
feature(
    "texts_in_the_graph",
    CONVERTS,
    build=lambda c: a_layer(lambda ids: tf.strings.to_number(tf.strings.as_string(ids))[..., None]),
)


def events(seed: int = 0) -> Interactions:
    rng = np.random.default_rng(seed)
    items = {"id": np.arange(5), "genre": np.array(list("aabbc"))}
    return Interactions.from_columns(np.repeat([7, 8], 6), rng.integers(5, size=12), rng.integers(99, size=12), items)


@frozen
class PathOptions:
    path: str | None = recframe.option(None, help="A file.")


def dataset(name: str, demand: str, load: Callable[[Any, Any], Interactions], options: type = NoOptions) -> None:
    broken(DatasetType(name, summary="Broken.", options=options, load=load), demand)


def writes_beside(options: Any, context: Any) -> Interactions:
    (context.cache.parent / "stray.txt").write_text("here")
    return events()


def reads_a_path(options: Any, context: Any) -> Interactions:
    if options.path:
        Path(options.path).read_bytes()
    return events()


def downloads(options: Any, context: Any) -> Interactions:
    urllib.request.urlopen("https://example.org/data.csv")
    return events()


ORDER, IDS = "events stand user by user and oldest first", "ids are of one user and one item"
COLUMNS = "columns have a value for each row"
dataset("newest_first", ORDER, lambda o, c: attrs.evolve(events(), timestamp=events().timestamp[::-1].copy()))
dataset("users_mixed", ORDER, lambda o, c: attrs.evolve(events(), offsets=np.array([0, 6, 11])))
dataset("id_twice", IDS, lambda o, c: attrs.evolve(events(), items={"id": np.zeros(5, int)}))
dataset("no_such_item", IDS, lambda o, c: attrs.evolve(events(), item=events().item + 5))
dataset("short_column", COLUMNS, lambda o, c: attrs.evolve(events(), events={"rating": np.zeros(3)}))
dataset("own_dice", "the same seed gives the same data", lambda o, c: events(np.random.randint(1 << 30)))
dataset("writes_beside", "writes nothing but its cache", writes_beside)
dataset("bare_path", "options that are missing or wrong are refused", reads_a_path, PathOptions)
dataset("bare_network", "without network it says so", downloads)


def ask_the_model(context: ExportContext) -> Callable[[Any], Answers]:
    def ask(inputs: Any) -> Answers:
        answer = context.module.serve(**{name: tf.constant(values) for name, values in inputs.items()})
        return Answers(answer["top_prediction_ids"].numpy(), answer["top_prediction_scores"].numpy())

    return ask


def write(context: ExportContext, name: str, path: str, **details: Any) -> list[ExportedFile]:
    """A model in a format of its own, measured as it should be."""
    figures = compare(context.expected, ask_the_model(context), context.histories)
    require_equal(name, figures, context.spec.export.parity_tolerance)
    (context.folder / path).write_bytes(b"model")
    return [ExportedFile(name, path, figures, details)]


def exporter(name: str, demand: str, export: Callable[[str, ExportContext], Sequence[ExportedFile]]) -> None:
    made = ExporterType(name, summary="Broken.", export=lambda options, context: export(f"{name}/float32", context))
    broken(made, demand)


def absent(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    return [attrs.evolve(file, path="other.bin") for file in write(context, name, "model.bin")]


def empty(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    files = write(context, name, "model.bin")
    (context.folder / "model.bin").write_bytes(b"")
    return files


def beside(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    (context.folder.parent / "notes.txt").write_text("here")
    return write(context, name, "model.bin")


def unmeasured(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    return [attrs.evolve(file, figures={"bytes": 5}) for file in write(context, name, "model.bin")]


def boastful(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    (context.folder / "model.bin").write_bytes(b"model")
    return [ExportedFile(name, "model.bin", {"overlap": 1.0, "max_score_difference": 0.0})]


def another_model(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    class Constant(tf.Module):  # type: ignore[misc]
        @tf.function  # type: ignore[untyped-decorator]
        def serve(self, **features: tf.Tensor) -> dict[str, tf.Tensor]:
            used = sum(tf.reduce_sum(tf.cast(values, tf.float32)) for values in features.values()) * 0
            scores = tf.constant([[5.0, 4.0, 3.0, 2.0, 1.0]]) + used
            return {"top_prediction_ids": tf.constant([[1, 2, 3, 4, 5]]), "top_prediction_scores": scores}

    module, files = Constant(), write(context, name, "unused.bin")
    served = module.serve.get_concrete_function(**context.module.inputs)
    tf.saved_model.save(module, str(context.folder / "saved"), signatures={"serving_default": served})
    return [attrs.evolve(file, path="saved") for file in files]


_runs: list[int] = []


def dated(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    _runs.append(1)
    return write(context, name, f"model_{len(_runs)}.bin")


exporter("absent", "says what it wrote", absent)
exporter("empty", "says what it wrote", empty)
exporter("beside", "writes only below its folder", beside)
exporter(
    "arrays_in_details",
    "figures and details fit the manifest",
    lambda name, context: write(context, name, "model.bin", sizes=np.zeros(2)),
)
exporter("unmeasured", "measures that the answers are those of the model", unmeasured)
exporter("another_model", "the file answers as the model does", another_model)
exporter("boastful", "a model that answers otherwise is noticed", boastful)
exporter("dated", "runs again with the same names", dated)


class Plugin:
    """Those of one kind, as an installed plugin would give them."""

    def __init__(self, kind: str) -> None:
        self.given = [contribution for contribution, _ in BROKEN if contribution.kind == kind]

    def of(self, kind: type) -> Iterator[Any]:
        return (contribution for contribution in self.given if isinstance(contribution, kind))

    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[EncoderType]:
        return self.of(EncoderType)

    @recframe.hookimpl
    def recframe_feature_types(self) -> Iterator[FeatureType]:
        return self.of(FeatureType)

    @recframe.hookimpl
    def recframe_losses(self) -> Iterator[LossType]:
        return self.of(LossType)

    @recframe.hookimpl
    def recframe_datasets(self) -> Iterator[DatasetType]:
        return self.of(DatasetType)

    @recframe.hookimpl
    def recframe_commands(self) -> Iterator[CommandType]:
        return self.of(CommandType)

    @recframe.hookimpl
    def recframe_exporters(self) -> Iterator[ExporterType]:
        return self.of(ExporterType)
