"""The options of losses that compare a target with negatives, that is, drawn items. `sampler` draws them."""

from __future__ import annotations

from attrs import frozen

from recframe import option


@frozen
class NegativesOptions:
    """The options of every loss with negatives."""

    negatives: int = option(
        1024, ge=1, le=1_000_000, help="Number of items drawn at each step and compared with every target of the step."
    )
    sampler: str = option(
        "uniform",
        choices=("uniform", "log_uniform", "popularity"),
        help="Probability of an item: `uniform`: equal for all; `log_uniform`: falls with its popularity rank; "
        "`popularity`: proportional to its training events.",
    )


def negatives_per_target(options: NegativesOptions, labels: int, targets: int) -> int:
    """The number of labels that a target is compared with."""
    return options.negatives
