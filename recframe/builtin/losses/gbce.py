"""Binary cross-entropy with negatives, calibrated because negative sampling makes a model overconfident.

Source: Petrov and Macdonald, "gSASRec: Reducing overconfidence in sequential recommendation trained with negative
sampling", RecSys 2023.
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
class GbceOptions(NegativesOptions):
    """Binary cross-entropy. The sigmoid of a score is a probability."""

    calibration: float = option(
        0.75, ge=0, le=1, help="0: plain binary cross-entropy; 1: fully calibrated, with scores as from a softmax."
    )


def target_exponent(share: float, calibration: float) -> float:
    """The exponent of the target's probability. `share` is the share of the items that are drawn."""
    return share * (calibration * (1 - 1 / share) + 1 / share)


def build(options: GbceOptions, context: LossContext) -> Callable[..., Any]:
    import tensorflow as tf

    from recframe.builtin.losses.sampler import Negatives, scores_of, weighted_mean

    negatives = Negatives(options, context)
    beta = target_exponent(min(options.negatives / max(negatives.items - 1, 1), 1.0), options.calibration)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        own, others, are_others = scores_of(vectors, table, labels, negatives.draw())
        negative = tf.reduce_sum(tf.where(are_others, tf.nn.softplus(others), 0.0), axis=1)
        return weighted_mean((beta * tf.nn.softplus(-own) + negative) / (1 + options.negatives), weights)

    return loss


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    yield LossType(
        "gbce",
        summary="Binary cross-entropy with negatives, calibrated (gSASRec).",
        options=GbceOptions,
        build=build,
        compared=negatives_per_target,
    )
