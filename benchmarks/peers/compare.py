"""Seconds to the same NDCG@10: recframe, Keras's `fit`, and the peers that are installed, on one split."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

from benchmarks.peers.protocol import Split, ndcg
from benchmarks.peers.split import split_of
from benchmarks.scale import Scale, overrides_of
from benchmarks.tables import Table, three_figures

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = "benchmarks/peers/requirements.txt"
COLUMNS = ("contender", "NDCG@10", "CPU to the end", "CPU to {lowest:.4f}", "CPU to {ours:.4f}", "what to know")
#: Seconds that a contender may take.
PATIENCE = 400
INTRO = """\
{name}: {users:,} users, {items:,} items, {events:,} events. All train on the same events, without the last two of each
user; they then read all but the last, and list the 10 best of the items that the user did not have. One function
computes NDCG@10 of the last from these lists. CPU is that of training, with compilation and without imports and
measurements: to the end of training, to the lowest end of all, and to recframe's end. Figures are medians over seeds;
"not reached" is said of what most seeds did not reach."""


@frozen
class Contender:
    """A module of this package.

    Attributes:
        epochs: How long it trains; 1 for what only counts.
        package: What it needs beside NumPy, as pip calls it; empty: it runs with recframe's Python.
        seeds: How often it is trained, at most.
    """

    name: str
    module: str
    epochs: int
    package: str = ""
    seeds: int = 3


CONTENDERS = (
    Contender("recframe, default settings", "recframe_cnn", 15),
    Contender("Keras `fit` on windows", "keras_fit", 5, seeds=1),
    Contender("RecTools SASRec, 64 factors", "rectools_sasrec", 5, "rectools", seeds=1),
    Contender("implicit ALS, 100 factors", "implicit_als", 15, "implicit"),
    Contender("implicit item-kNN, cosine", "implicit_knn", 1, "implicit"),
    Contender("LensKit item-kNN", "lenskit_knn", 1, "lenskit"),
)


@frozen(eq=False)
class Trained:
    """What a contender reached with one seed: CPU seconds, seconds on the clock and NDCG@10 after each epoch."""

    cpu: np.ndarray
    wall: np.ndarray
    quality: np.ndarray

    def cpu_to(self, quality: float) -> float:
        """CPU until that NDCG@10 was first reached; infinite where it never was."""
        reached = np.flatnonzero(self.quality >= quality)
        return float(self.cpu[reached[0]]) if reached.size else float("inf")


def contend(contender: Contender, python: str, split: Path, seed: int, small: bool) -> Trained:
    """Train in a process of its own.

    Raises:
        ValueError: where it fails, or takes too long, or lists an item that its user had, which the protocol forbids.
    """
    curve, epochs = split.with_name("curve.npz"), str(1 if small else contender.epochs)
    command = [python, "-m", f"benchmarks.peers.{contender.module}", str(split), str(curve), str(seed), epochs]
    # implicit asks for it: BLAS's threads would stand in the way of its own.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise ValueError(f"stopped after {PATIENCE} s") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        raise ValueError(f"failed: {lines[-1] if lines else error}") from error
    of_users = Split.read(split)
    with np.load(curve) as arrays:
        lists = arrays["lists"]
        for row, history in enumerate(of_users.histories()):
            if np.isin(lists[:, row], history).any():
                raise ValueError(f"lists an item that user {row} had before")
        quality = np.array([ndcg(best, of_users.target) for best in lists])
        return Trained(arrays["cpu"], arrays["wall"], quality)


def installed(python: str, package: str) -> bool:
    try:
        return subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def how_to_install(package: str) -> str:
    lines = (ROOT / REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    pinned = next(line for line in lines if line.startswith((f"{package}=", f"{package}[")))
    return f"not installed: `pip install '{pinned}'`, or all with `pip install -r {REQUIREMENTS}`"


def outcomes(split: Split, scale: Scale) -> dict[Contender, list[Trained] | str]:
    """What each contender reached with each seed, or why there is nothing."""
    outcome: dict[Contender, list[Trained] | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "split.npz"
        split.write(path)
        for contender in CONTENDERS:
            python = scale.peers if contender.package else sys.executable
            if contender.package and not installed(python, contender.package):
                outcome[contender] = how_to_install(contender.package)
                continue
            seeds = range(1, min(scale.repeats, contender.seeds) + 1)
            try:
                outcome[contender] = [contend(contender, python, path, seed, scale.small) for seed in seeds]
            except ValueError as error:
                outcome[contender] = str(error)
    return outcome


def table(scale: Scale) -> Table:
    made_up = ["dataset.users=1100", "dataset.items=3600", "dataset.events_per_user=48"]
    tiny = ["dataset.users=40", "dataset.items=60", "dataset.events_per_user=12"]
    name, overrides = ("made-up data", tiny) if scale.small else overrides_of("lastfm", made_up)
    split = split_of(overrides)
    outcome = outcomes(split, scale)
    ends = {who: _median([run.quality[-1] for run in runs]) for who, runs in outcome.items() if isinstance(runs, list)}
    lowest, ours = min(ends.values(), default=0.0), ends.get(CONTENDERS[0], 0.0)
    rows = [_cells(contender, runs, lowest, ours) for contender, runs in outcome.items()]
    intro = INTRO.format(name=name, users=split.users, items=split.items, events=len(split.user))
    return Table("Peers", intro, [column.format(lowest=lowest, ours=ours) for column in COLUMNS], rows)


def _median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def _cells(contender: Contender, runs: list[Trained] | str, lowest: float, ours: float) -> list[str]:
    if isinstance(runs, str):
        return [contender.name, "-", "-", "-", "-", runs]
    ends = [float(run.quality[-1]) for run in runs]
    seconds = [f"{three_figures(_median([run.cpu[-1] for run in runs]))} s"]
    for quality in (lowest, ours):
        reached = sorted(run.cpu_to(quality) for run in runs)[len(runs) // 2]
        seconds.append(f"{three_figures(reached)} s" if reached < float("inf") else "not reached")
    about = f"epochs: {len(runs[0].quality)}, seeds: {len(runs)}, NDCG@10 from {min(ends):.4f} to {max(ends):.4f}, "
    about += f"{three_figures(_median([run.wall[-1] for run in runs]))} s on the clock"
    return [contender.name, f"{_median(ends):.4f}", *seconds, about]
