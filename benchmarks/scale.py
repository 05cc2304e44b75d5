"""How much is measured: the whole, the smallest form that shows that everything runs, and where the data is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Scale:
    """What the command line asks for.

    Attributes:
        repeats: Measurements of each row, whose median counts.
        small: Everything as small as it can be.
        large: What takes minutes more as well.
        peers: Python of an environment that has the peers.
    """

    repeats: int = 3
    small: bool = False
    large: bool = False
    peers: str = ""

    def of(self, full: T, small: T) -> T:
        """The one or the other size."""
        return small if self.small else full


def overrides_of(name: str, otherwise: list[str]) -> tuple[str, list[str]]:
    """A real set, as a name and as overrides; where RECFRAME_TEST_DATA does not name its folder, made-up data.

    Args:
        otherwise: Overrides that make data of the same shape.
    """
    folder = Path(os.environ.get("RECFRAME_TEST_DATA", "nowhere")) / name
    if not folder.is_dir():
        return f"made-up data of {name}'s shape", otherwise
    if (folder / "ratings.csv").exists():
        return name, ["dataset=movielens", f"dataset.path={folder}"]
    return name, ["dataset=tabular", f"dataset.path={folder / 'interactions.csv'}"]
