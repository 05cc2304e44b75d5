"""The dual encoder: embeds features, encodes each group, and scores every label by a dot product.

The vectors of the groups are concatenated and pass through the hidden layers and the projection. A group of scope `now`
has no encoder: its vector is the embedded features side by side. Of a history at each step, it has one at each step.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from recframe.model.dropout import drop_events, dropout
from recframe.model.encoder_output import require_vectors
from recframe.model.initializers import embedding_initializer, one_then_zeros
from recframe.model.last_vector import last_vector
from recframe.model.packed_vectors import can_pack, packed_vectors
from recframe.model.recurrence import avoid_cudnn, training_outputs
from recframe.plugin.catalogue import FeatureInfo
from recframe.plugin.guard import described
from recframe.plugin.origin import blamed, refusal
from recframe.plugin.registry import Registries
from recframe.plugin.types import EncoderContext, FeatureContext
from recframe.spec.experiment import ExperimentSpec

Features = Mapping[str, tf.Tensor]

#: A history of at most this many events is short, so that popularity may be added to its scores.
SHORT_HISTORY = 8


class DualEncoder(keras.Model):  # type: ignore[misc]
    """Encodes a history as a vector. An item's score is the dot product of the vector and the item's row in `table`.

    Attributes:
        table: float32 [labels, width]; row 0 is padding and unknown.
        bias: float32 [labels]; the logarithm of each label's share of the training events; None if the spec turns it
            off. It alone scores an empty history.
        prior_strength: float32 [SHORT_HISTORY + 2]; the factor of the bias for histories of 0, 1, ... SHORT_HISTORY
            and more events: 1, then the strengths that `recframe.training.popularity_prior` learns, then 0. Longer
            histories get no bias, since it would favour popular items and lower recall. None if there is no bias.
        causal: Whether every encoder can give a vector at each position.
        can_pack: Whether every encoder can read several histories in one row.
        contexts: What each encoder was built with, by group.
        step_shapes: Of each group with an encoder, how many steps it reads and of how many values.
    """

    def __init__(
        self, spec: ExperimentSpec, registries: Registries, features: Mapping[str, FeatureInfo], labels: int
    ) -> None:
        super().__init__(name="dual_encoder")
        self.spec, width = spec, spec.model.width
        lengths = {name: max(features[one].length for one in spec.groups[name].features) for name in spec.encoders}
        self.table = self.add_weight(
            shape=(labels, width), initializer=embedding_initializer(spec.model, width, spec.seed), name="label_table"
        )
        self.bias = self.prior_strength = None
        if spec.model.item_bias:
            self.bias = self.add_weight(shape=(labels,), initializer="zeros", trainable=False, name="item_bias")
            self.prior_strength = self.add_weight(
                shape=(SHORT_HISTORY + 2,), initializer=one_then_zeros, trainable=False, name="prior_strength"
            )
        in_history = [name for group in spec.groups.values() if group.scope == "history" for name in group.features]
        self.step_features = [name for name in in_history if not features[name].flattened] or in_history
        self.tied = {
            name
            for group in spec.groups.values()
            for name, feature in group.features.items()
            if spec.model.tie_embeddings
            and feature.source == "item"
            and features[name].size == labels
            and not features[name].statistics  # a vocabulary with hash buckets may have the same size by chance
        }
        self.feature_types = {
            name: registries.features[feature.type]
            for group in spec.groups.values()
            for name, feature in group.features.items()
        }
        self.feature_layers = {
            name: self.feature_types[name].build(feature.options, FeatureContext(features[name].size, width))
            for group in spec.groups.values()
            for name, feature in group.features.items()
            if name not in self.tied
        }
        self.encoder_types = types = {
            name: registries.encoders[encoder.type] for name, encoder in spec.encoders.items()
        }
        self.step_shapes = {
            name: (length, sum(self._units(one, features[one]) for one in spec.groups[name].features))
            for name, length in lengths.items()
        }
        self.contexts = {
            name: EncoderContext(width, length, step_width) for name, (length, step_width) in self.step_shapes.items()
        }
        self.encoder_layers = {
            name: types[name].build(encoder.options, self.contexts[name]) for name, encoder in spec.encoders.items()
        }
        for layer in self.encoder_layers.values():
            # Encoders receive the mask as an argument. Without this, Keras warns that they do not pass it on.
            layer.supports_masking = True
        self.group_causal = {name: types[name].causal(encoder.options) for name, encoder in spec.encoders.items()}
        same_steps = len(set(lengths.values())) == 1 and not any(f.flattened for f in features.values())
        aligned = same_steps and "user" not in spec.scopes.values()
        self.causal = all(self.group_causal.values()) and aligned
        self.can_pack = self.causal and all(map(can_pack, self.encoder_layers.values()))
        self.hidden = [
            keras.layers.Dense(dim, activation=spec.model.activation, name=f"hidden_{i}")
            for i, dim in enumerate(spec.model.hidden_layer_dims)
        ]
        # Linear by default: a ReLU cannot reach half of the label space, and its units may stay 0 for ever.
        self.projection = keras.layers.Dense(
            width,
            activation=spec.model.projection,
            bias_initializer=keras.initializers.Constant(spec.model.projection_bias),
            name="projection",
        )
        # Made once, since TensorFlow would compile a new function again at each evaluation.
        self.compiled_queries = tf.function(self.queries, jit_compile=True, autograph=False)

    def _units(self, name: str, feature: FeatureInfo) -> int:
        """How many values of a step a feature's layer makes."""
        if name in self.tied:
            return int(self.table.shape[1])
        return int(self.feature_layers[name](tf.zeros((1, *feature.shape), feature.dtype)).shape[-1])

    def steps(self, group: str, features: Features, seed: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
        """A group's steps as its encoder reads them, float32 [batch, length, values], and their mask.

        The mask is bool [batch, length]. Without a seed, no value and no event is dropped.
        """
        steps, mask = self._embedded(group, features)
        if seed is not None:
            steps = drop_events(steps, self.spec.model.event_dropout, seed + _salt(f"{group} events"))
        return self._drop(steps, seed, salt=group), mask

    def moments(self, group: str, features: Features) -> tf.Tensor:
        """float32 [batch, length, values]: the vector of a group of scope `now` at each step; 0 if nothing is known."""
        steps, mask = self._embedded(group, features)
        return steps * tf.cast(mask, tf.float32)[..., None]

    def _embedded(self, group: str, features: Features) -> tuple[tf.Tensor, tf.Tensor]:
        """A step is padding if every feature of the group is 0. A scaled number is never 0 (`runtime.encoding`)."""
        columns, present = [], []
        for name in self.spec.groups[group].features:
            values = features[name]
            is_value = tf.not_equal(values, tf.zeros([], values.dtype))
            present.append(is_value if is_value.shape.rank == 2 else tf.reduce_any(is_value, axis=-1))
            columns.append(tf.gather(self.table, values) if name in self.tied else self._vectors_of(name, values))
        mask = present[0]
        for other in present[1:]:
            mask = tf.logical_or(mask, other)
        return columns[0] if len(columns) == 1 else tf.concat(columns, axis=-1), mask

    def _vectors_of(self, feature: str, values: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, units]: what a feature's layer makes of its values."""
        kind = self.feature_types[feature]
        with blamed(kind, "when its layer is called"):
            vectors = self.feature_layers[feature](values)
        if not tf.is_tensor(vectors) or vectors.shape.rank != 3 or vectors.dtype != tf.float32:
            got = f"{vectors.dtype.name} {list(vectors.shape)}" if tf.is_tensor(vectors) else described(vectors)
            wanted = f"expected float32 [batch, length, units] for {list(values.shape)}"
            raise refusal(kind, f"gives {got} when its layer is called; {wanted}", kind.build)
        return vectors

    def position_vectors(
        self, features: Features, segments: tf.Tensor | None = None, seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """float32 [batch, length, width]: the vector of the history up to and including each step.

        It needs causal encoders.

        Args:
            segments: int32 [batch, length], which of the row's histories a step is of; None: a row is one history.
            seed: As in `call`.
        """
        return self(features, seed=seed, training=seed is not None, segments=segments, each_step=True)

    def training_vectors(self, features: Features, seed: tf.Tensor) -> tf.Tensor:
        """float32 [batch, width]: as `call`, with what layers do in training alone, such as dropout.

        Args:
            seed: uint32; of the model's own dropout.
        """
        return self(features, seed=seed, training=True)

    def call(
        self,
        features: Features,
        seed: tf.Tensor | None = None,
        training: bool = False,
        segments: tf.Tensor | None = None,
        each_step: bool = False,
    ) -> tf.Tensor:
        """float32 [batch, width]: the vector of the whole history; or that of each step.

        Keras tells `training` to every layer that is reached from here.
        """
        encoded = []
        for name in self.spec.groups:
            layer = self.encoder_layers.get(name)
            if layer is None:
                moments = self.moments(name, features)
                encoded.append(moments if each_step else moments[:, 0])
                continue
            steps, mask = self.steps(name, features, seed)
            encoder, causal = self.encoder_types[name], self.group_causal[name]
            with blamed(encoder, "when its layer is called"):
                if segments is not None:
                    encoded.append(packed_vectors(layer, steps, mask, segments))
                elif each_step or not causal:
                    encoded.append(require_vectors(encoder, layer, layer(steps, mask=mask), causal))
                elif training:
                    # Shortcuts are made for serving; the convolution that `cnn` has there trains slowly on a CPU.
                    vectors = require_vectors(encoder, layer, training_outputs(layer, steps, mask), causal)
                    encoded.append(vectors[:, -1])
                else:
                    encoded.append(last_vector(layer, steps, mask))
        return self._project(encoded, seed)

    def scores(self, features: Features) -> tf.Tensor:
        """float32 [batch, labels]: the score of every label for the whole history."""
        vectors, strength = self.queries(features)
        scores = tf.matmul(vectors, self.table, transpose_b=True)
        return scores if self.bias is None else scores + strength[:, None] * self.bias

    def queries(self, features: Features) -> tuple[tf.Tensor, tf.Tensor]:
        """The two parts of the scores: vectors, float32 [batch, width], and the factor of the bias, float32 [batch]."""
        vectors = self(features)
        if self.prior_strength is None:
            return vectors, tf.zeros(tf.shape(vectors)[:1])
        events = self.events(features)
        strength = tf.gather(self.prior_strength, tf.minimum(events, SHORT_HISTORY + 1))
        return vectors * tf.cast(events > 0, tf.float32)[:, None], strength

    def events(self, features: Features) -> tf.Tensor:
        """int32 [batch]: the number of events in each history; SHORT_HISTORY + 1 if no feature is of the history."""
        counts = []
        for name in self.step_features:
            is_value = tf.not_equal(features[name], tf.zeros([], features[name].dtype))
            is_value = is_value if is_value.shape.rank == 2 else tf.reduce_any(is_value, axis=-1)
            counts.append(tf.reduce_sum(tf.cast(is_value, tf.int32), axis=1))
        if not counts:
            return tf.fill(tf.shape(next(iter(features.values())))[:1], SHORT_HISTORY + 1)
        return counts[0] if len(counts) == 1 else tf.reduce_max(tf.stack(counts), axis=0)

    def _project(self, encoded: list[tf.Tensor], seed: tf.Tensor | None) -> tf.Tensor:
        joined = encoded[0] if len(encoded) == 1 else tf.concat(encoded, axis=-1)
        for layer in self.hidden:
            joined = layer(joined)
        return self.projection(self._drop(joined, seed, salt="projection"))

    def _drop(self, values: tf.Tensor, seed: tf.Tensor | None, salt: str) -> tf.Tensor:
        """Apply dropout if there is a seed, that is, in training. The salt gives each use its own pattern."""
        if seed is None:
            return values
        return dropout(values, self.spec.model.dropout, seed + _salt(salt))


def _salt(text: str) -> tf.Tensor:
    return tf.constant(zlib.crc32(text.encode()), tf.uint32)


def build_model(
    spec: ExperimentSpec,
    registries: Registries,
    features: Mapping[str, FeatureInfo],
    labels: int,
    label_counts: np.ndarray | None = None,
) -> DualEncoder:
    """Build a model. The spec's seed draws its initial weights.

    Args:
        label_counts: int64 [labels]; the training events of each label, from which the bias is computed. None for a
            bias of 0.
    """
    keras.utils.set_random_seed(spec.seed)
    model = DualEncoder(spec, registries, features, labels)
    example = {name: tf.zeros((2, *feature.shape), feature.dtype) for name, feature in features.items()}
    # One pass makes every variable; a layer is built by `call`, not by its shortcut `last`, so as in training.
    with warnings.catch_warnings():
        # Keras warns of a layer whose `call` fails, and then the pass raises that error.
        warnings.filterwarnings("ignore", message="(?s).*looks like it has unbuilt state")
        model.training_vectors(example, tf.constant(0, tf.uint32))
    for layer in model.encoder_layers.values():
        avoid_cudnn(layer)
    if model.bias is not None and label_counts is not None:
        # Add-one smoothing: the logarithm of each item's share of the events, as if each had one event more.
        counts = label_counts + 1.0
        model.bias.assign(np.log(counts / counts.mean()).astype(np.float32))
    if spec.model.embedding_start == "model_maker":
        tables = [variable for layer in model.feature_layers.values() for variable in layer.trainable_variables]
        for place, table in enumerate(tables, start=1):
            table.assign(embedding_initializer(spec.model, table.shape[-1], spec.seed + place)(table.shape))
    return model
