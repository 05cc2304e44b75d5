"""The graph that goes on the phone, written by hand: int32 and float32, batch 1, top-k inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from recframe.data.prepare import PreparedData
from recframe.errors import SpecError
from recframe.model.dual_encoder import DualEncoder
from recframe.specs import ExperimentSpec

#: Added to the score of what must not be recommended. Finite, as infinities become NaN under quantization.
NEVER = -1e30


def item_features(spec: ExperimentSpec, data: PreparedData) -> list[str]:
    """The features whose ids are label ids: what the user had."""
    return [
        name
        for name, feature in data.features.items()
        if feature.spec.source == "item" and feature.vocabulary == data.label_vocabulary
    ]


class ServingModule(tf.Module):  # type: ignore[misc]
    """`serving_default`: features [1, length] to `top_prediction_ids` and `top_prediction_scores`, [1, k].

    Attributes:
        inputs: Shape and dtype by feature, in the spec's order.
    """

    def __init__(self, spec: ExperimentSpec, data: PreparedData, model: DualEncoder) -> None:
        super().__init__()
        self.k = int(spec.model.num_predictions)  # a NumPy integer would break the conversion
        if self.k >= data.num_labels:
            raise SpecError(
                f"model.num_predictions: {self.k} is more than the {data.num_labels - 1} items of the catalogue"
            )
        # Without holding them itself, the module converts without an error into a file that answers NaN.
        self.held = [variable.value for variable in model.variables]
        length = spec.model.history_length
        self.inputs = {
            name: tf.TensorSpec((1, length), tf.as_dtype(feature.codes.dtype), name=name)
            for name, feature in data.features.items()
        }
        sizes = {name: feature.size for name, feature in data.features.items() if feature.vocabulary}
        excluded = item_features(spec, data) if spec.export.exclude_history else []
        padding = np.zeros(data.num_labels, np.float32)
        padding[0] = NEVER

        def serve(**features: tf.Tensor) -> dict[str, tf.Tensor]:
            known = {
                name: _known_ids(values, sizes[name]) if name in sizes else values for name, values in features.items()
            }
            scores = tf.matmul(model(known), model.table, transpose_b=True) + padding
            for name in excluded:
                ids = tf.reshape(known[name], [-1, 1])
                scores += tf.scatter_nd(ids, tf.fill([length], tf.constant(NEVER)), [data.num_labels])
            best, ids = tf.math.top_k(scores, self.k)
            # Where fewer than k items are left, the rest of the answer is id 0 and not an item that was ruled out.
            return {"top_prediction_ids": tf.where(best > NEVER / 2, ids, 0), "top_prediction_scores": best}

        self.serve = tf.function(serve)

    def concrete(self) -> Any:
        """The traced function, inputs named as the features are."""
        return self.serve.get_concrete_function(**self.inputs)


def _known_ids(ids: tf.Tensor, size: int) -> tf.Tensor:
    """An id out of range counts as unknown, 0."""
    return tf.where(tf.logical_and(ids >= 0, ids < size), ids, 0)
