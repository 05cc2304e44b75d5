"""What a command does before it trains: obvious mistakes are reported at once."""

from __future__ import annotations

import contextlib
from pathlib import Path

from recframe.plugin.registry import Registries
from recframe.process.tensorflow_start import load_tensorflow
from recframe.spec.experiment import ExperimentSpec


def start_for(spec: ExperimentSpec, registries: Registries, origin: Path | None = None) -> None:
    """Look whether the data is there, which takes no time, and load TensorFlow, which takes seconds.

    Args:
        origin: Where the relative paths of the spec begin; None: here.

    Raises:
        DataError: where the data is not there.
    """
    with contextlib.chdir(origin or Path.cwd()):
        registries.datasets[spec.dataset.type].check(spec.dataset.options)
    load_tensorflow()
