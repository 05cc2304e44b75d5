"""How long a piece of work takes: CPU of all threads and child processes, and the clock, of several repeats."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence

from attrs import frozen


@frozen
class Sample:
    """Seconds of each repeat, for one unit of the work."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def times(self, factor: float) -> Sample:
        return Sample(tuple(value * factor for value in self.values))

    @property
    def spread(self) -> float:
        """The difference of the largest and the smallest, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@frozen
class Timed:
    """What a unit of the work took."""

    cpu: Sample
    wall: Sample

    def times(self, factor: float) -> Timed:
        """What `factor` units take."""
        return Timed(self.cpu.times(factor), self.wall.times(factor))


def cpu_clock() -> float:
    """Seconds of CPU, user and system, that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def timed(work: Callable[[], object], repeats: int, units: float = 1, warm: bool = True) -> Timed:
    """Time some work.

    Args:
        units: How many units one call of it does.
        warm: Call it once before, which compiles and fills caches.
    """
    if warm:
        work()
    pairs = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), cpu_clock()
        work()
        pairs.append((cpu_clock() - cpu, time.perf_counter() - wall))
    return of_pairs([(cpu / units, wall / units) for cpu, wall in pairs])


def of_pairs(pairs: Sequence[tuple[float, float]]) -> Timed:
    """The CPU and the clock of each repeat."""
    cpu, wall = zip(*pairs, strict=True)
    return Timed(Sample(cpu), Sample(wall))


def peak_mb() -> float:
    """The process's largest resident memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
