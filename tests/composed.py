"""Specs of overrides, each composed once: Hydra takes a tenth of a second, and property tests ask for the same ones."""

from __future__ import annotations

from functools import cache

import recframe
from recframe.spec.experiment import ExperimentSpec


@cache
def spec_of(*overrides: str) -> ExperimentSpec:
    """The spec of `recframe OVERRIDES`."""
    return recframe.compose(list(overrides))
