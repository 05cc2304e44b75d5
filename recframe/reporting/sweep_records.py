"""What each run of a sweep leaves in its folder, so that the sweep finds it, whichever process trained it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from recframe.files.json_text import parse_json
from recframe.files.whole import write_text
from recframe.runs.folder import read_metrics
from recframe.runs.place import CONFIG
from recframe.spec.experiment import MEAN_RANK

#: In the folder of a run that a sweep chose.
RECORD = "sweep_job.json"


@frozen
class SweepJob:
    """A finished run of a sweep.

    Attributes:
        number: Hydra's number of the job, from 0.
        overrides: What the sweep chose, and what all of its runs have in common.
        objective: The name of the validation figure that runs are compared by.
        metrics: What metrics.json holds.
    """

    number: int
    overrides: tuple[str, ...]
    folder: Path
    objective: str
    metrics: Mapping[str, Any]

    @property
    def value(self) -> float:
        """The objective."""
        return float(self.metrics["validation"][self.objective])


def record_job(folder: Path, command: str, number: int, overrides: Sequence[str]) -> None:
    """Leave the record of a finished run.

    Args:
        command: By which the runs of one command line are told from earlier ones.
    """
    record = {"command": command, "number": number, "overrides": list(overrides)}
    write_text(folder / RECORD, json.dumps(record, indent=2) + "\n")


def finished_jobs(sweep: Path, command: str) -> list[SweepJob]:
    """The runs of one command line that went through, by their numbers."""
    jobs = []
    for path in sweep.rglob(RECORD):
        record = parse_json(path.read_text(encoding="utf-8"))
        if record["command"] == command:
            folder = path.parent
            config = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))
            objective, overrides = config["evaluation"]["objective"], tuple(record["overrides"])
            jobs.append(SweepJob(record["number"], overrides, folder, objective, read_metrics(folder)))
    return sorted(jobs, key=lambda job: job.number)


def best_of(jobs: Sequence[SweepJob]) -> SweepJob | None:
    """The run with the best objective, the first of equals; None where they were not compared by the same one."""
    if len({job.objective for job in jobs}) != 1:
        return None
    return (min if jobs[0].objective == MEAN_RANK else max)(jobs, key=lambda job: job.value)
