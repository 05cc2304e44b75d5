"""What every contender is given, and what it must return. NumPy alone is needed.

Given: the events of each user in their order, as places of items in one catalogue; of each user the last event is the
test target, and the one before it is for validation. A contender trains on the rest. To predict, it may read all events
before the target, validation's included. It returns the best 10 of the items that the user did not have before.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

TRAIN, VALIDATION, TEST = 0, 1, 2
K = 10


class Split:
    """Events sorted by user and time.

    Attributes:
        user, item, part: int64 [events]; users and items from 0.
        users, items: How many there are; every user has a test target.
        target: int64 [users].
    """

    def __init__(self, user: np.ndarray, item: np.ndarray, part: np.ndarray, items: int) -> None:
        self.user, self.item, self.part, self.items = user, item, part, items
        self.target = item[part == TEST]
        self.users = len(self.target)

    def pairs(self, *parts: int) -> tuple[np.ndarray, np.ndarray]:
        """User and item of the events of some parts, in their order."""
        chosen = np.isin(self.part, parts)
        return self.user[chosen], self.item[chosen]

    def histories(self) -> list[np.ndarray]:
        """The items of each user before the target."""
        user, item = self.pairs(TRAIN, VALIDATION)
        return np.split(item, np.searchsorted(user, np.arange(1, self.users)))

    def write(self, path: Path) -> None:
        np.savez(path, user=self.user, item=self.item, part=self.part, items=self.items)

    @classmethod
    def read(cls, path: Path) -> Split:
        with np.load(path) as arrays:
            return cls(arrays["user"], arrays["item"], arrays["part"], int(arrays["items"]))


class Curve:
    """Lists of the best items as training goes on, and the CPU and the time that training took until then."""

    def __init__(self) -> None:
        self.cpu, self.wall = 0.0, 0.0
        self.points: list[tuple[float, float, np.ndarray]] = []
        self._start()

    def _start(self) -> None:
        self._from = _cpu(), time.perf_counter()

    def point(self, best: Callable[[], np.ndarray]) -> None:
        """Stop the clock, make the lists, int64 [users, K], and let the clock go on."""
        cpu, wall = self._from
        self.cpu, self.wall = self.cpu + _cpu() - cpu, self.wall + time.perf_counter() - wall
        self.points.append((self.cpu, self.wall, best()))
        self._start()

    def write(self, path: Path) -> None:
        cpu, wall, lists = zip(*self.points, strict=True)
        np.savez(path, cpu=cpu, wall=wall, lists=np.stack(lists))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def best_items(scores: np.ndarray, histories: list[np.ndarray]) -> np.ndarray:
    """int64 [users, K]: the items of the largest scores, float [users, items], that the users did not have."""
    scores = np.array(scores, np.float64)
    for row, history in zip(scores, histories, strict=True):
        row[history] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :K]


def ndcg(lists: np.ndarray, target: np.ndarray) -> float:
    """The mean of 1 / log2(1 + place) of each target in its user's list; 0 where it is not there."""
    gains = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    return float(((lists == target[:, None]) * gains).sum(axis=1).mean())


def run(contend: Callable[[Split, Curve, int, int], None]) -> None:
    """What each module does: `python -m benchmarks.peers.NAME SPLIT CURVE SEED EPOCHS`."""
    split, curve = Split.read(Path(sys.argv[1])), Curve()
    contend(split, curve, int(sys.argv[3]), int(sys.argv[4]))
    curve.write(Path(sys.argv[2]))
