"""Draws negatives: items that a loss compares with the targets. Each step draws new ones for all its targets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from recframe import LossContext
from recframe.builtin.losses.negatives import NegativesOptions

#: The unnormalised probability of each item, from its number of training targets.
SAMPLERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "uniform": lambda counts: np.ones(len(counts)),
    "log_uniform": lambda counts: np.log1p(1 / (1 + np.argsort(np.argsort(-counts, kind="stable")))),
    "popularity": lambda counts: np.maximum(counts, 1.0),
}


class Negatives:
    """Draws items with their probabilities.

    It uses the alias method (Vose, "A linear algorithm for generating random numbers with a given distribution",
    1991), which needs two look-ups for each drawn item, whatever the number of items.
    """

    def __init__(self, options: NegativesOptions, context: LossContext) -> None:
        weights = SAMPLERS[options.sampler](context.label_counts[1:].astype(np.float64))
        self.count, self.items, self.seed = options.negatives, len(weights), context.step_seed
        self.probability = (weights / weights.sum()).astype(np.float32)
        self.kept, self.alias = alias_table(weights / weights.sum())

    def draw(self) -> tf.Tensor:
        """int32 [negatives]: label ids; an item may occur several times."""
        seed = self.seed()
        place = tf.random.stateless_uniform([self.count], seed, 0, self.items, tf.int32)
        chance = tf.random.stateless_uniform([self.count], tf.bitwise.bitwise_xor(seed, 0x5BD1E995))
        is_kept = chance < tf.gather(tf.constant(self.kept), place)
        return 1 + tf.where(is_kept, place, tf.gather(tf.constant(self.alias), place))

    def expected(self, drawn: tf.Tensor) -> tf.Tensor:
        """float32 [negatives]: the logarithm of the expected count of each drawn item in a step."""
        return tf.math.log(tf.gather(tf.constant(self.probability), drawn - 1) * float(self.count))


def alias_table(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The table of the alias method, for indices that are drawn uniformly.

    Returns:
        float32 [n], the probability that an index is kept; and int32 [n], the index that replaces it otherwise.
    """
    scaled = probability * len(probability)
    kept, alias = np.ones(len(scaled)), np.arange(len(scaled))
    small, large = list(np.flatnonzero(scaled < 1)), list(np.flatnonzero(scaled >= 1))
    while small and large:
        low, high = small.pop(), large[-1]
        kept[low], alias[low] = scaled[low], high
        scaled[high] -= 1 - scaled[low]
        if scaled[high] < 1:
            small.append(large.pop())
    return kept.astype(np.float32), alias.astype(np.int32)


def scores_of(
    vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, drawn: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The scores of the targets [n] and of the negatives [n, negatives], and which negatives are not the target."""
    own = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)
    others = tf.matmul(vectors, tf.gather(table, drawn), transpose_b=True)
    return own, others, labels[:, None] != drawn[None, :]


def weighted_mean(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """The mean over the targets, a scalar; 0 if there is only padding."""
    return tf.reduce_sum(values * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)
