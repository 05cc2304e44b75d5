"""Seconds to the same NDCG@10: recframe, Keras's `fit`, and the peers that are installed, on one split."""

from __future__ import annotations

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
COLUMNS = ("contender", "NDCG@10 at the end", "CPU to the end", "CPU to {lowest:.4f}", "CPU to {ours:.4f}", "what to know")


@frozen
class Contender:
    """A module of this package.

    Attributes:
        package: What it needs beside NumPy, as pip calls it; empty: it runs with recframe's Python.
        epochs: How long it trains; 1 for what only counts.
    """

    name: str
    module: str
    epochs: int
    package: str = ""


CONTENDERS = (
    Contender("recframe, default settings", "recframe_cnn", 15),
    Contender("Keras `fit` on windows", "keras_fit", 5),
    Contender("RecTools SASRec, 64 factors", "rectools_sasrec", 20, "rectools"),
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

    def cpu_to(self, quality: float) -> float | None:
        """CPU until that NDCG@10 was first reached; None: it never was."""
        reached = np.flatnonzero(self.quality >= quality)
        return float(self.cpu[reached[0]]) if reached.size else None


def contend(contender: Contender, python: str, split: Path, seed: int, small: bool) -> Trained:
    """Train in a process of its own.

    Raises:
        ValueError: where a list holds an item that its user had, which the protocol forbids.
    """
    curve = split.with_name("curve.npz")
    command = [python, "-m", f"benchmarks.peers.{contender.module}", str(split), str(curve), str(seed)]
    command.append(str(1 if small else contender.epochs))
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{result.stderr}")
    of_users = Split.read(split)
    with np.load(curve) as arrays:
        lists = arrays["lists"]
        for row, history in enumerate(of_users.histories()):
            if np.isin(lists[:, row], history).any():
                raise ValueError(f"{contender.name}: user {row} is recommended an item that is in the history")
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
    return f"not installed: `.venv-peers/bin/pip install '{pinned}'`, or all with `-r {REQUIREMENTS}`"


def table(scale: Scale) -> Table:
    made_up = ["dataset.users=1800", "dataset.items=3600", "dataset.events_per_user=29"]
    name, overrides = overrides_of("lastfm", made_up)
    tiny = ["dataset.users=40", "dataset.items=60", "dataset.events_per_user=12"]
    split = split_of(scale.of(overrides, tiny))
    runs: dict[Contender, list[Trained]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "split.npz"
        split.write(path)
        for contender in CONTENDERS:
            python = scale.peers if contender.package else sys.executable
            if not contender.package or installed(python, contender.package):
                seeds = range(1, scale.repeats + 1)
                runs[contender] = [contend(contender, python, path, seed, scale.small) for seed in seeds]
    ends = {contender: _median([run.quality[-1] for run in trained]) for contender, trained in runs.items()}
    lowest, ours = min(ends.values()), ends[CONTENDERS[0]]
    rows = [_cells(contender, runs.get(contender), lowest, ours) for contender in CONTENDERS]
    intro = (
        f"{name if not scale.small else 'made-up data'}: {split.users:,} users, {split.items:,} items, "
        f"{len(split.user):,} events. All train on the same events, without the last two of each user; they then read all "
        "but the last and list the 10 best of the items that the user did not have, and one function computes NDCG@10 of "
        "the last. CPU is that of training, with compilation and without imports and measurements; it is given to the end "
        "of training, to the lowest end of all, and to recframe's end. Medians over seeds; a figure that fewer than half of "
        "the seeds reached is missing."
    )
    columns = [column.format(lowest=lowest, ours=ours) for column in COLUMNS]
    return Table("Peers", intro, columns, rows)


def _median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def _cells(contender: Contender, runs: list[Trained] | None, lowest: float, ours: float) -> list[str]:
    if runs is None:
        return [contender.name, "-", "-", "-", "-", how_to_install(contender.package)]
    ends = [float(run.quality[-1]) for run in runs]
    seconds = [f"{three_figures(_median([float(run.cpu[-1]) for run in runs]))} s"]
    for quality in (lowest, ours):
        reached = sorted(run.cpu_to(quality) or float("inf") for run in runs)[len(runs) // 2]
        seconds.append(f"{three_figures(reached)} s" if reached < float("inf") else "not reached")
    wall = _median([float(run.wall[-1]) for run in runs])
    about = f"{len(runs[0].quality)} epochs, {three_figures(wall)} s on the clock, NDCG@10 {min(ends):.4f} to {max(ends):.4f}"
    return [contender.name, f"{_median(ends):.4f}", *seconds, about]
