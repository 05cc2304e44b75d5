"""The graph that runs on the phone: int32 and float32 alone, and the top k inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from recframe.errors import SpecError
from recframe.export.graph.label_products import LabelProducts
from recframe.model.dual_encoder import DualEncoder
from recframe.plugin.catalogue import Catalogue
from recframe.spec.experiment import DYNAMIC, MODEL_MAKER, ExperimentSpec

#: Added to the score of what must not be recommended. Finite, as infinities become NaN under quantization.
NEVER = -1e30
#: The signatures of an exported model: the best items, and the scores of all.
ANSWER, SCORES = "serving_default", "scores"
#: The optional inputs: label ids that must not be recommended, and the only ones that may be.
EXCLUDE, ALLOW = "exclude_ids", "allow_ids"
#: Up to this many absent ids are masked by their ids. For more, a mask is added, a constant of 4 bytes an item.
_FEW = 64


class ServingModule(tf.Module):  # type: ignore[misc]
    """The signatures of a model as one TensorFlow module.

    `serving_default` maps features [batch, length] to `top_prediction_ids` and `top_prediction_scores`, [batch, k].
    `scores` maps the same features to `scores` [batch, labels]: NEVER for ids without an item, and nothing else is left
    out. With `export.batch=model_maker` there is no batch dimension: features [length], answers [k]. A feature with
    several values a step has one dimension more: [batch, length, values].

    Attributes:
        features: Shape and dtype of each feature, in the spec's order.
        inputs: Shape and dtype of each input of `serving_default`: the features, then EXCLUDE and ALLOW if the spec
            has them.
        mask_bytes: The bytes of the mask of absent ids in a file.
        products: The vectors that the table of labels is multiplied with; None: not known.
        batch: Histories in a call, as export.batch says.
        encoders: The encoder of each group with its plugin, for messages.
        tables_of: Returns the weights of two dimensions with at least so many rows.
        for_spec: Makes the graph of the same model for another spec.
        trained_scores: The trained model's scores for inputs by feature, float32 [rows, labels].
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        catalogue: Catalogue,
        model: DualEncoder,
        products: LabelProducts | None = None,
        encoders: str = "",
    ) -> None:
        super().__init__()
        # A function, since TensorFlow would save the model itself whole.
        self.for_spec = lambda changed: ServingModule(changed, catalogue, model, products, encoders)
        self.encoders = encoders or ", ".join(f"{name}: {one.type}" for name, one in spec.encoders.items())
        self.k = int(spec.model.num_predictions)  # a NumPy integer would break the conversion
        self.labels, self.products = len(catalogue.labels), products
        items = int(np.count_nonzero(catalogue.known))
        if self.k > items:
            raise SpecError(f"model.num_predictions: {self.k} is more than the {items} items of the catalogue")
        # If the module did not hold the weights, it would convert without an error into a file that answers NaN. It
        # holds no other variables: a dropout's state is not used here, and its name counts those of the process.
        self.held = [variable.value for variable in model.weights]
        # A function, as of for_spec.
        self.tables_of = lambda rows: [w for w in model.weights if len(w.shape) == 2 and w.shape[0] >= rows]
        self.signatures = (ANSWER, SCORES) if spec.export.scores_signature else (ANSWER,)
        batch = self.batch = spec.export.batch
        self.batched = batch != MODEL_MAKER
        first = () if not self.batched else (None,) if batch == DYNAMIC else (batch,)
        self.features = {
            name: tf.TensorSpec((*first, *feature.shape), feature.dtype, name=name)
            for name, feature in catalogue.features.items()
        }
        lists = {EXCLUDE: spec.export.exclude_ids, ALLOW: spec.export.allow_ids}
        id_lists = {name: tf.TensorSpec((*first, size), tf.int32, name=name) for name, size in lists.items() if size}
        if double := next((name for name in id_lists if name in self.features), None):
            raise SpecError(f"export.{double}: a feature has that name too")
        self.inputs = {**self.features, **id_lists}
        # The method and not the model, which TensorFlow would save whole.
        self.trained_scores, self._scores_as = model.scores, spec.export.scores
        self._sizes = {name: feature.size for name, feature in catalogue.features.items() if feature.vocabulary}
        self._left_out = catalogue.item_features if catalogue.exclude_seen else []
        self._absent = np.flatnonzero(~catalogue.known).astype(np.int32)
        # The mask of ids without an item is a constant besides the parameters. If padding alone is absent, and other
        # ids are masked anyway, its id joins them.
        beside = bool(self._left_out) or EXCLUDE in self.inputs
        self.mask_bytes = 0 if len(self._absent) == 1 and beside else 4 * self.labels
        self.serve = tf.function(self._serve, autograph=False)
        self.score = tf.function(self._score, autograph=False)
        self.serve_all = tf.function(self._serve_all, autograph=False)

    def _serve(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        inputs = self._with_batch(inputs)
        features = self._known_features(inputs)
        return self._answer(self.trained_scores(features), features, inputs)

    def _score(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._without_absent(self.trained_scores(self._known_features(self._with_batch(inputs))))

    def _serve_all(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        inputs = self._with_batch(inputs)
        features = self._known_features(inputs)
        scores = self.trained_scores(features)
        return {**self._answer(scores, features, inputs), **self._without_absent(scores)}

    def _with_batch(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return inputs if self.batched else {name: values[None] for name, values in inputs.items()}

    def _answer(
        self, scores: tf.Tensor, features: Mapping[str, tf.Tensor], inputs: Mapping[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        rows = next(iter(inputs.values())).shape[0] or tf.shape(next(iter(inputs.values())))[0]
        left_out = [features[name] for name in self._left_out]
        if EXCLUDE in inputs:
            left_out.append(_known_ids(inputs[EXCLUDE], self.labels))
        if 0 < len(self._absent) <= _FEW:
            left_out.append(tf.tile(self._absent[None], [rows, 1]))
        elif len(self._absent):
            scores += self._never_absent()
        if left_out:
            ids = left_out[0] if len(left_out) == 1 else tf.concat(left_out, axis=1)
            scores += self._at(ids, NEVER, rows)
        if ALLOW in inputs:
            allowed = _known_ids(inputs[ALLOW], self.labels)
            # Ids out of range count as asked for: a list that holds only such ids does not allow everything.
            asked = tf.reduce_any(tf.not_equal(inputs[ALLOW], 0), axis=1, keepdims=True)
            kept = tf.logical_or(self._at(allowed, 1.0, rows) > 0, tf.logical_not(asked))
            scores += tf.where(kept, 0.0, NEVER)
        best, ids = tf.math.top_k(scores, self.k)
        # If fewer than k items are left, id 0 fills the answer up: the items there were left out.
        ids = tf.where(best > NEVER / 2, ids, 0)
        if self._scores_as == "sigmoid":
            best = tf.sigmoid(best)
        if not self.batched:
            best, ids = best[0], ids[0]
        return {"top_prediction_ids": ids, "top_prediction_scores": best}

    def _without_absent(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        if self._absent.tolist() == [0]:
            # Only padding is absent. A mask would be a constant of 4 bytes an item, too much for one id.
            scores = tf.concat([tf.fill([tf.shape(scores)[0], 1], NEVER), scores[:, 1:]], axis=1)
        else:
            scores += self._never_absent()
        return {"scores": scores if self.batched else scores[0]}

    def _known_features(self, inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {
            name: _known_ids(inputs[name], self._sizes[name]) if name in self._sizes else inputs[name]
            for name in self.features
        }

    def _never_absent(self) -> tf.Tensor:
        """float32 [labels]: NEVER for ids without an item."""
        never = np.zeros(self.labels, np.float32)
        never[self._absent] = NEVER
        return tf.constant(never)

    def _at(self, ids: tf.Tensor, value: float, rows: Any) -> tf.Tensor:
        """float32 [rows, labels] with the value, or a multiple of it, at the ids of each row, int32 [rows, n]."""
        if isinstance(rows, int) and rows == 1:
            flat = tf.reshape(ids, [-1, 1])
            return tf.scatter_nd(flat, tf.fill([flat.shape[0]], tf.constant(value)), [self.labels])
        count = int(np.prod(ids.shape[1:]))
        flat = tf.reshape(ids, [-1])
        row = tf.repeat(tf.range(rows), count) if isinstance(rows, int) else tf.reshape(_row_numbers(rows, count), [-1])
        values = tf.fill(tf.shape(flat), tf.constant(value))
        return tf.reshape(tf.scatter_nd((row * self.labels + flat)[:, None], values, [rows * self.labels]), [rows, -1])

    def concrete(self, signature: str = ANSWER) -> Any:
        """The traced function of a signature, inputs named as the features are."""
        function, inputs = (self.serve, self.inputs) if signature == ANSWER else (self.score, self.features)
        return function.get_concrete_function(**inputs)

    def concrete_on(self, tables: Mapping[str, keras.Variable], signature: str = ANSWER) -> Any:
        """The traced function of a signature with some of the weights as further inputs, by their names here."""
        function, inputs = (self._serve, self.inputs) if signature == ANSWER else (self._score, self.features)
        tensors = {name: tf.TensorSpec(table.shape, table.dtype, name=name) for name, table in tables.items()}

        def on_tables(**values: tf.Tensor) -> dict[str, tf.Tensor]:
            with keras.StatelessScope([(table, values.pop(name)) for name, table in tables.items()]):
                return function(**values)

        return tf.function(on_tables, autograph=False).get_concrete_function(**inputs, **tensors)

    def concrete_of_all(self) -> Any:
        """The traced function of every output of every signature, for formats that know no signatures."""
        function = self.serve_all if SCORES in self.signatures else self.serve
        return function.get_concrete_function(**self.inputs)


def _row_numbers(rows: tf.Tensor, count: int) -> tf.Tensor:
    return tf.tile(tf.range(rows)[:, None], [1, count])


def _known_ids(ids: tf.Tensor, size: int) -> tf.Tensor:
    """An id out of range counts as unknown, 0."""
    return tf.where(tf.logical_and(ids >= 0, ids < size), ids, 0)
