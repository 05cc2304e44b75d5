"""The commands as functions, for Python: `recframe.train` and the others are these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recframe.config import compose as compose_spec, to_spec as spec_of
from recframe.plugin.manager import load_plugins
from recframe.runs.folder import read_config

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from recframe.interactions.interactions import Interactions
    from recframe.runs.listener import Listener
    from recframe.runs.run import Run
    from recframe.spec.experiment import ExperimentSpec


def compose(overrides: Sequence[str] = ()) -> ExperimentSpec:
    """The spec that the command line builds from the same overrides: `compose(["encoder=cnn", "train.epochs=5"])`.

    Raises:
        SpecError: Where an override or a value is wrong; every problem is listed.
    """
    return compose_spec(list(overrides))


def to_spec(config: DictConfig) -> ExperimentSpec:
    """The spec of a config that another Hydra application has composed, from `pkg://recframe.conf` in its searchpath.

    Args:
        config: The part that holds recframe's keys, as `config.recommender` where they were put under that package.

    Raises:
        SpecError: Where a value is wrong or a key is not recframe's; every problem is listed.
    """
    return spec_of(config)


def train(
    spec: ExperimentSpec,
    folder: Path | str | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    overwrite: bool = False,
) -> Run:
    """Prepare, train and evaluate; needs TensorFlow, which is imported here and not before.

    Where the folder holds a run of the same spec that was stopped, that run goes on, to the same bits.

    Args:
        folder: The run folder; None: nothing is written.
        listener: Is called as the run goes on; None: its notes are logged as warnings.
        data: Interactions to train on in place of the spec's dataset. `recframe evaluate` and `recframe export` refuse
            such a folder, which does not hold them.
        exports: Whether `Run.export` will follow: a plugin's encoder that does not convert is then refused at once.
        overwrite: Whether the run may replace another one in the folder, which stays whole until this one is complete.

    Raises:
        RecframeError: where the spec, the data or the folder cannot be used. An earlier run in the folder stays whole.
    """
    from recframe.runs.training import train as train_run

    return train_run(spec, load_plugins(), folder, listener, data, exports, overwrite)


def resume(
    folder: Path | str,
    changes: Mapping[str, Any] | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
) -> Run:
    """Go on with a run that was stopped, to the same bits as if it had not been, and evaluate.

    Args:
        changes: What shall be otherwise: {"train": {"epochs": 30}}. Only `train.epochs`, `train.patience`,
            `train.tensorboard` and what is under `evaluation`, `export` and `exporters` may change.
        listener, data, exports: As for `train`; the data that was given in Python must be given again.

    Raises:
        FolderError: where the folder holds no run that was stopped, or another process writes to it.
        SpecError: where the data, the versions or a value is not as it was, with the reason.
    """
    from recframe.runs.training import resume as resume_run

    return resume_run(Path(folder), load_plugins(), changes or {}, listener, data, exports)


def load_run(folder: Path | str, say: Callable[[str], None] = lambda note: None) -> Run:
    """A finished or stopped run, from its folder.

    Raises:
        SpecError: where the folder holds no run, or its data is no longer what it was trained on.
    """
    from recframe.runs import again

    return again.load_run(Path(folder), load_plugins(), say)


def run_spec(folder: Path | str) -> ExperimentSpec:
    """The spec of a finished or stopped run.

    Raises:
        SpecError: where the folder holds no run.
    """
    return read_config(Path(folder), load_plugins())


def evaluate_run(folder: Path | str, say: Callable[[str], None] = lambda note: None) -> Run:
    """Measure a finished or stopped run again, as `recframe evaluate RUN` does; writes metrics.json and report.html.

    Raises:
        SpecError: as `load_run`.
    """
    from recframe.reporting import again

    return again.evaluate_run(Path(folder), load_plugins(), say)


def export_run(
    folder: Path | str, changes: Mapping[str, Any] | None = None, say: Callable[[str], None] = lambda note: None
) -> Run:
    """Write the bundle of a finished or stopped run again, as `recframe export RUN` does.

    Args:
        changes: Other `exporters`, and under `export` other options than the run's:
            `{"exporters": ["tflite", "web"], "export": {"variants": ["int8"]}}`.

    Raises:
        SpecError: as `load_run`, or where a change is wrong.
        ExportError: where a check fails; the bundle before stays.
    """
    from recframe.reporting import again

    return again.export_run(Path(folder), load_plugins(), changes or {}, say)
