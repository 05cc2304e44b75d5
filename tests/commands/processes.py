"""Runs `recframe` in its own process, for signals, full disks and plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Recframe = Callable[..., subprocess.CompletedProcess[str]]

RECFRAME = [sys.executable, "-m", "recframe"]
SMOKE = ["+experiment=smoke", "hydra.run.dir=run"]


def environment(**variables: str) -> dict[str, str]:
    """The environment of a shell: loading TensorFlow in this process sets a variable that children would inherit."""
    return {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"} | variables


def run_process(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RECFRAME, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
