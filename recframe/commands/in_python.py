"""The commands as functions, for Python: `recframe.train` and the others are these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recframe.config import compose as compose_spec
from recframe.errors import SpecError
from recframe.plugin.manager import using
from recframe.runs.folder import read_config
from recframe.runs.plugins_used import as_recorded

if TYPE_CHECKING:
    from recframe.interactions.interactions import Interactions
    from recframe.runs.listener import Listener
    from recframe.runs.run import Run
    from recframe.spec.experiment import ExperimentSpec


def compose(overrides: Sequence[str] = (), plugins: Iterable[object] = ()) -> ExperimentSpec:
    """The spec that the command line builds from the same overrides: `compose(["encoder=cnn", "train.epochs=5"])`.

    Args:
        plugins: What need not be installed: modules or objects with hooks, and single contributions. What is done with
            the spec and its run needs them too.

    Raises:
        SpecError: Where an override or a value is wrong; every problem is listed.
        PluginError: where one of the plugins breaks a rule.
    """
    if isinstance(overrides, str):
        raise SpecError(f"compose wants a list of overrides, as [{overrides!r}], and not a single text")
    with using(plugins):
        return compose_spec(list(overrides))


def train(
    spec: ExperimentSpec,
    folder: Path | str | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    overwrite: bool = False,
    plugins: Iterable[object] = (),
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
        plugins: As for `compose`.

    Raises:
        RecframeError: where the spec, the data or the folder cannot be used. An earlier run in the folder stays whole.
    """
    from recframe.runs.training import train as train_run

    with using(plugins) as registries:
        return train_run(spec, registries, folder, listener, data, exports, overwrite)


def resume(
    folder: Path | str,
    changes: Mapping[str, Any] | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    plugins: Iterable[object] = (),
) -> Run:
    """Go on with a run that was stopped, to the same bits as if it had not been, and evaluate.

    Args:
        changes: What shall be otherwise: {"train": {"epochs": 30}}. Only `train.epochs`, `train.patience`,
            `train.tensorboard` and what is under `evaluation`, `export` and `exporters` may change.
        listener, data, exports, plugins: As for `train`; the data that was given in Python must be given again.

    Raises:
        FolderError: where the folder holds no run that was stopped, or another process writes to it.
        SpecError: where the data, the versions or a value is not as it was, with the reason.
    """
    from recframe.runs.training import resume as resume_run

    with using(plugins) as registries:
        return resume_run(Path(folder), registries, changes or {}, listener, data, exports)


def load_run(folder: Path | str, say: Callable[[str], None] = lambda note: None, plugins: Iterable[object] = ()) -> Run:
    """A finished or stopped run, from its folder.

    Args:
        say: Receives notes on the data.
        plugins: Those that the run was given.

    Raises:
        SpecError: where the folder holds no run, or its data is no longer what it was trained on.
    """
    from recframe.runs import again

    with using(plugins) as registries:
        return again.load_run(Path(folder), registries, say)


def run_spec(folder: Path | str, plugins: Iterable[object] = ()) -> ExperimentSpec:
    """The spec of a finished or stopped run.

    Args:
        plugins: As for `load_run`.

    Raises:
        SpecError: where the folder holds no run.
    """
    with using(plugins) as registries:
        return read_config(Path(folder), as_recorded(registries, Path(folder)))


def evaluate_run(
    folder: Path | str, say: Callable[[str], None] = lambda note: None, plugins: Iterable[object] = ()
) -> Run:
    """Measure a finished or stopped run again, as `recframe evaluate RUN` does; writes metrics.json and report.html.

    Args:
        say, plugins: As for `load_run`.

    Raises:
        SpecError: as `load_run`.
    """
    from recframe.reporting import again

    with using(plugins) as registries:
        return again.evaluate_run(Path(folder), registries, say)


def export_run(
    folder: Path | str,
    changes: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = lambda note: None,
    plugins: Iterable[object] = (),
) -> Run:
    """Write the bundle of a finished or stopped run again, as `recframe export RUN` does.

    Args:
        changes: Other `exporters`, and under `export` other options than the run's:
            `{"exporters": ["tflite", "web"], "export": {"variants": ["int8"]}}`.
        say, plugins: As for `load_run`.

    Raises:
        SpecError: as `load_run`, or where a change is wrong.
        ExportError: where a check fails; the bundle before stays.
    """
    from recframe.reporting import again

    with using(plugins) as registries:
        return again.export_run(Path(folder), registries, changes or {}, say)
