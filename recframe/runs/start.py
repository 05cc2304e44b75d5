"""What a command does first, so that obvious mistakes are reported at once."""

from __future__ import annotations

import contextlib
from pathlib import Path

from recframe.plugin.registry import Registries
from recframe.process.tensorflow_start import load_tensorflow
from recframe.spec.experiment import ExperimentSpec


def start_for(spec: ExperimentSpec, registries: Registries, origin: Path | None = None) -> None:
    """Check that the data exists, which is fast, and then load TensorFlow, which takes seconds.

    Args:
        origin: The folder that relative paths of the spec refer to; None for the working folder.

    Raises:
        DataError: The data does not exist.
    """
    with contextlib.chdir(origin or Path.cwd()):
        registries.datasets[spec.dataset.type].check(spec.dataset.options)
    load_tensorflow()
