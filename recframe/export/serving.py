"""The graph that goes on the phone, written by hand: int32 and float32, batch 1, top-k inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from recframe.data.catalogue import Catalogue
from recframe.errors import SpecError
from recframe.model.dual_encoder import DualEncoder
from recframe.specs import ExperimentSpec

#: Added to the score of what must not be recommended. Finite, as infinities become NaN under quantization.
NEVER = -1e30


class ServingModule(tf.Module):  # type: ignore[misc]
    """`serving_default`: features [1, length] to `top_prediction_ids` and `top_prediction_scores`, [1, k].

    With `export.batch=model_maker` there is no batch dimension: features [length], answers [k]. A feature with several
    values a step has one dimension more: [1, length, values].

    Attributes:
        inputs: Shape and dtype by feature, in the spec's order.
    """

    def __init__(self, spec: ExperimentSpec, catalogue: Catalogue, model: DualEncoder) -> None:
        super().__init__()
        self.k = int(spec.model.num_predictions)  # a NumPy integer would break the conversion
        items, labels = int(np.count_nonzero(catalogue.known)), len(catalogue.labels)
        if self.k > items:
            raise SpecError(f"model.num_predictions: {self.k} is more than the {items} items of the catalogue")
        # Without holding them itself, the module converts without an error into a file that answers NaN.
        self.held = [variable.value for variable in model.variables]
        self.batched = spec.export.batch == 1
        self.inputs = {
            name: tf.TensorSpec((1, *feature.shape) if self.batched else feature.shape, feature.dtype, name=name)
            for name, feature in catalogue.features.items()
        }
        sizes = {name: feature.size for name, feature in catalogue.features.items() if feature.vocabulary}
        excluded = catalogue.item_features if spec.export.exclude_history else []
        absent = np.where(catalogue.known, 0, NEVER).astype(np.float32)

        def serve(**features: tf.Tensor) -> dict[str, tf.Tensor]:
            if not self.batched:
                features = {name: values[None] for name, values in features.items()}
            known = {
                name: _known_ids(values, sizes[name]) if name in sizes else values for name, values in features.items()
            }
            scores = model.scores(known) + absent
            for name in excluded:
                ids = tf.reshape(known[name], [-1, 1])
                scores += tf.scatter_nd(ids, tf.fill([ids.shape[0]], tf.constant(NEVER)), [labels])
            best, ids = tf.math.top_k(scores, self.k)
            # Where fewer than k items are left, the rest of the answer is id 0 and not an item that was ruled out.
            ids = tf.where(best > NEVER / 2, ids, 0)
            if spec.export.scores == "sigmoid":
                best = tf.sigmoid(best)
            if not self.batched:
                best, ids = best[0], ids[0]
            return {"top_prediction_ids": ids, "top_prediction_scores": best}

        self.serve = tf.function(serve)

    def concrete(self) -> Any:
        """The traced function, inputs named as the features are."""
        return self.serve.get_concrete_function(**self.inputs)


def _known_ids(ids: tf.Tensor, size: int) -> tf.Tensor:
    """An id out of range counts as unknown, 0."""
    return tf.where(tf.logical_and(ids >= 0, ids < size), ids, 0)
