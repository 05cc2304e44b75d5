"""The commands as Python functions, such as `recframe.train`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recframe.config import compose as compose_spec, to_spec as spec_from
from recframe.errors import SpecError
from recframe.plugin.manager import using
from recframe.runs.folder import read_config
from recframe.runs.plugins_used import as_recorded

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from recframe.interactions.interactions import Interactions
    from recframe.runs.listener import Listener
    from recframe.runs.run import Run
    from recframe.spec.experiment import ExperimentSpec


def compose(overrides: Sequence[str] = (), plugins: Iterable[object] = ()) -> ExperimentSpec:
    """The spec that the command line builds from the same overrides: `compose(["encoder=cnn", "train.epochs=5"])`.

    Args:
        plugins: Plugins that need not be installed: modules or objects with hooks, and single contributions. Pass them
            to every other function that gets this spec or its run, too.

    Raises:
        SpecError: if an override or a value is wrong. Its message lists every problem.
        PluginError: if one of the plugins breaks a rule.
    """
    if isinstance(overrides, str):
        raise SpecError(f"compose expects a list of overrides, as [{overrides!r}], and not a single text")
    with using(plugins):
        return compose_spec(list(overrides))


def to_spec(config: DictConfig, plugins: Iterable[object] = ()) -> ExperimentSpec:
    """The spec of a config that another Hydra application composed, with `pkg://recframe.conf` in its searchpath.

    Args:
        config: The part that holds recframe's keys, such as `config.recommender` for a package of that name.
        plugins: As for `compose`.

    Raises:
        SpecError: if a value is wrong or a key is not recframe's. Its message lists every problem.
    """
    with using(plugins):
        return spec_from(config)


def train(
    spec: ExperimentSpec,
    folder: Path | str | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    overwrite: bool = False,
    plugins: Iterable[object] = (),
) -> Run:
    """Prepare the data, train and evaluate. This imports TensorFlow.

    If the folder holds a stopped run of the same spec, that run is continued. The result has the same bits as if the
    run had not been stopped.

    Args:
        folder: The run folder; None: nothing is written.
        listener: Receives the progress and the notes of the run; None: notes are logged as warnings.
        data: Interactions to train on, instead of the spec's dataset. The folder does not contain them, so
            `recframe evaluate` and `recframe export` refuse the folder.
        exports: Whether `Run.export` will follow. If so, a plugin's encoder that cannot be converted is refused at
            once.
        overwrite: Whether the run may replace another run in the folder. The other run stays until this one is
            complete.
        plugins: As for `compose`.

    Raises:
        RecframeError: if the spec, the data or the folder cannot be used. An earlier run in the folder stays.
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
    """Continue a stopped run and evaluate it. The result has the same bits as if the run had not been stopped.

    Args:
        changes: New values: {"train": {"epochs": 30}}. Only `train.epochs`, `train.patience`, `train.tensorboard`,
            `exporters` and options under `evaluation` and `export` may change.
        listener, data, exports, plugins: As for `train`. If the run was trained on `data`, pass the same data again.

    Raises:
        FolderError: if the folder holds no stopped run, or another process writes to it.
        SpecError: if the data, a version or a value of the spec changed. The message names it.
    """
    from recframe.runs.training import resume as resume_run

    with using(plugins) as registries:
        return resume_run(Path(folder), registries, changes or {}, listener, data, exports)


def load_run(folder: Path | str, say: Callable[[str], None] = lambda note: None, plugins: Iterable[object] = ()) -> Run:
    """Load a finished or stopped run from its folder.

    Args:
        say: Receives notes on the data.
        plugins: Those that the run was trained with.

    Raises:
        SpecError: if the folder holds no run, or the data is not the data that the run was trained on.
    """
    from recframe.runs import saved_run

    with using(plugins) as registries:
        return saved_run.load_run(Path(folder), registries, say)


def run_spec(folder: Path | str, plugins: Iterable[object] = ()) -> ExperimentSpec:
    """The spec of a finished or stopped run.

    Args:
        plugins: As for `load_run`.

    Raises:
        SpecError: if the folder holds no run.
    """
    with using(plugins) as registries:
        return read_config(Path(folder), as_recorded(registries, Path(folder)))


def evaluate_run(
    folder: Path | str, say: Callable[[str], None] = lambda note: None, plugins: Iterable[object] = ()
) -> Run:
    """Measure a finished or stopped run again, as `recframe evaluate RUN` does. Writes metrics.json and report.html.

    Args:
        say, plugins: As for `load_run`.

    Raises:
        SpecError: as for `load_run`.
    """
    from recframe.reporting import existing_runs

    with using(plugins) as registries:
        return existing_runs.evaluate_run(Path(folder), registries, say)


def export_run(
    folder: Path | str,
    changes: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = lambda note: None,
    plugins: Iterable[object] = (),
) -> Run:
    """Write the bundle of a finished or stopped run again, as `recframe export RUN` does.

    Args:
        changes: New values of `exporters` and of the options under `export`, instead of the run's:
            `{"exporters": ["tflite", "web"], "export": {"variants": ["int8"]}}`.
        say, plugins: As for `load_run`.

    Raises:
        SpecError: as for `load_run`, or if a change is wrong.
        ExportError: if a check fails. The earlier bundle stays.
    """
    from recframe.reporting import existing_runs

    with using(plugins) as registries:
        return existing_runs.export_run(Path(folder), registries, changes or {}, say)
