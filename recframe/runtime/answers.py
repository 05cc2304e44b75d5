"""The answers of a bundle, and the error that it raises."""

from __future__ import annotations

from typing import NamedTuple

from recframe.errors import RecframeError


class BundleError(RecframeError):
    """The bundle cannot be used, or an item is not in it."""


class Recommendation(NamedTuple):
    """An item, best first: its raw id, its title where the bundle has one, and its score."""

    id: str
    title: str | None
    score: float
