"""The answers of a bundle, and the error that it raises."""

from __future__ import annotations

from typing import NamedTuple

from recframe.errors import RecframeError


class BundleError(RecframeError):
    """The bundle cannot be used, or an item is not in it.

    Attributes:
        input: The input whose values are wrong; empty where it is something else.
    """

    def __init__(self, message: str, input: str = "") -> None:
        super().__init__(message)
        self.input = input


class Recommendation(NamedTuple):
    """An item, best first: its raw id, its title where the bundle has one, and its score."""

    id: str
    title: str | None
    score: float
