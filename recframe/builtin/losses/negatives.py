"""The options of losses that compare a target with drawn items; what draws them is in `sampler`."""

from __future__ import annotations

from attrs import frozen

from recframe import option


@frozen
class NegativesOptions:
    """The options of every loss that draws items."""

    negatives: int = option(1024, ge=1, le=1_000_000, help="Items drawn at each step, for all targets of the step.")
    sampler: str = option(
        "uniform",
        choices=("uniform", "log_uniform", "popularity"),
        help="How they are drawn: all alike, by the logarithm of their rank in popularity, or by training events.",
    )


def drawn_for_each(options: NegativesOptions, labels: int, targets: int) -> int:
    """With how many labels a target is compared."""
    return options.negatives
