"""The list of broken contributions, each with the demand that it breaks."""

from __future__ import annotations

from recframe.plugin.types import Contribution

BROKEN: list[tuple[Contribution, str]] = []


def broken(contribution: Contribution, demand: str) -> None:
    BROKEN.append((contribution, demand))
