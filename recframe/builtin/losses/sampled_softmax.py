"""Cross-entropy over the target and a sample of the items, for catalogues whose full softmax is too slow.

Source of the correction: Bengio and Senecal, "Adaptive importance sampling to accelerate training of a neural
probabilistic language model", IEEE Transactions on Neural Networks, 2008.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import LossContext, LossType, hookimpl, option
from recframe.builtin.losses.negatives import NegativesOptions, negatives_per_target

if TYPE_CHECKING:
    import tensorflow as tf


@frozen
class SampledSoftmaxOptions(NegativesOptions):
    """For catalogues of tens of thousands of items or more. The time of a step does not depend on their number."""

    log_q: bool = option(
        True, help="Correct each drawn item's score by how often it is expected, so that the sum estimates all items."
    )


def build(options: SampledSoftmaxOptions, context: LossContext) -> Callable[..., Any]:
    import tensorflow as tf

    from recframe.builtin.losses.sampler import Negatives, scores_of, weighted_mean

    negatives = Negatives(options, context)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        drawn = negatives.draw()
        own, others, are_others = scores_of(vectors, table, labels, drawn)
        if options.log_q:
            # exp(score) / expected count: the expected sum is the sum over all items except the target.
            others -= negatives.expected(drawn)
        others = tf.where(are_others, others, -1e9)
        return weighted_mean(tf.reduce_logsumexp(tf.concat([own[:, None], others], axis=1), axis=1) - own, weights)

    return loss


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    yield LossType(
        "sampled_softmax",
        summary="Cross-entropy over a sample of the items, for large catalogues.",
        options=SampledSoftmaxOptions,
        build=build,
        compared=negatives_per_target,
    )
