"""What this machine's processor reaches with the shapes of a piece of work, measured on one thread in this process.

A bound is the time of that work and of nothing else: the matrix products by BLAS, the exponentials of a block in the
cache, and bytes moved between arrays that are as large as those of the work. The parts follow one another, so they
add up.
"""

from __future__ import annotations

import functools
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from attrs import frozen
from threadpoolctl import threadpool_limits

#: CPU seconds that a measurement takes at least, and how often it is made; the fastest counts.
LEAST, TIMES = 0.02, 5
#: Values whose exponentials are made at once: they stay in the cache.
IN_CACHE = 1 << 16

#: Rows, inner values and columns of a product: [rows, inner] x [inner, columns].
Product = tuple[int, int, int]


@frozen
class Work:
    """What a unit of work must do.

    Attributes:
        products: Matrix products, and how many there are of each; parts of one count as well.
        exponentials: Numbers whose exponential is taken.
        moved: Bytes read and written, and how often, by the size of the array: those of a small one stay in the cache.
    """

    products: tuple[tuple[Product, float], ...] = ()
    exponentials: float = 0
    moved: tuple[tuple[int, float], ...] = ()

    def seconds(self) -> float:
        """CPU that this takes on this machine."""
        products = sum(count * product_seconds(shape) for shape, count in self.products)
        moved = sum(count * move_seconds(size) for size, count in self.moved)
        return products + self.exponentials * exponential_seconds() + moved


@functools.cache
def product_seconds(shape: Product) -> float:
    """CPU seconds of one matrix product of float32."""
    rows, inner, columns = shape
    rng = np.random.default_rng(0)
    left, right = (rng.random(size, np.float32) for size in ((rows, inner), (inner, columns)))
    out = np.empty((rows, columns), np.float32)
    with threadpool_limits(1, user_api="blas"):
        return _fastest(lambda: np.matmul(left, right, out=out))


@functools.cache
def exponential_seconds() -> float:
    """CPU seconds of the exponential of one float32."""
    values, out = np.random.default_rng(0).random(IN_CACHE, np.float32), np.empty(IN_CACHE, np.float32)
    return _fastest(lambda: np.exp(values, out=out)) / IN_CACHE


@functools.cache
def move_seconds(size: int) -> float:
    """CPU seconds of `size` bytes moved: half of them are read, and half are written."""
    source = np.zeros(max(1, size // 8), np.float32)
    target = np.ones_like(source)
    return _fastest(lambda: np.copyto(target, source))


def _fastest(work: Callable[[], object]) -> float:
    work()
    start = time.process_time()
    work()
    calls = max(1, int(LEAST / max(time.process_time() - start, 1e-6)))
    taken = []
    for _ in range(TIMES):
        start = time.process_time()
        for _ in range(calls):
            work()
        taken.append((time.process_time() - start) / calls)
    return min(taken)


def processor() -> str:
    """The processor's name, and its cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"
