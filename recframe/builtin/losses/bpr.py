"""The BPR loss: the target must score higher than each negative.

Source: Rendle et al., "BPR: Bayesian personalized ranking from implicit feedback", UAI 2009.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import LossContext, LossType, hookimpl
from recframe.builtin.losses.negatives import NegativesOptions, negatives_per_target

if TYPE_CHECKING:
    import tensorflow as tf


@frozen
class BprOptions(NegativesOptions):
    """Bayesian personalised ranking: the mean over all pairs of a target and a negative."""


def build(options: BprOptions, context: LossContext) -> Callable[..., Any]:
    import tensorflow as tf

    from recframe.builtin.losses.sampler import Negatives, scores_of, weighted_mean

    negatives = Negatives(options, context)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        own, others, are_others = scores_of(vectors, table, labels, negatives.draw())
        pairs = tf.where(are_others, tf.nn.softplus(others - own[:, None]), 0.0)
        count = tf.maximum(tf.reduce_sum(tf.cast(are_others, tf.float32), axis=1), 1.0)
        return weighted_mean(tf.reduce_sum(pairs, axis=1) / count, weights)

    return loss


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    yield LossType(
        "bpr",
        summary="The target must score higher than drawn items (BPR).",
        options=BprOptions,
        build=build,
        compared=negatives_per_target,
    )
