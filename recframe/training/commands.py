"""What the command line's train, evaluate and export do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recframe.converter import structure, unstructure
from recframe.data.vocabularies import Vocabularies
from recframe.errors import ExportError, RecframeError
from recframe.folders.runs import VOCABULARIES, renewed, replaces, writing
from recframe.manager import load_plugins
from recframe.model.dual_encoder import build_model
from recframe.runtime.files import EXPORT
from recframe.specs import ExperimentSpec
from recframe.training import run_folder
from recframe.training.comparison import RankedRun, print_comparison
from recframe.training.console import ConsoleListener, print_results
from recframe.training.prior import learn_prior
from recframe.training.report import write_report
from recframe.training.run import Run, evaluate, load_data, train_in


def train_and_report(spec: ExperimentSpec, folder: Path) -> None:
    """The main job of the command line: train, evaluate, export, and show what came of it."""
    listener = ConsoleListener()
    try:
        with renewed(folder) as place:
            run = _trained_and_exported(spec, place, listener)
        run.folder = folder
    finally:
        listener.close()
    print_results(run)


def _trained_and_exported(spec: ExperimentSpec, folder: Path, listener: ConsoleListener) -> Run:
    try:
        run = train_in(folder, spec, listener, exports=True)
        if spec.exporters:
            run.write_bundle(folder / EXPORT)
        write_report(run, folder)
    except BaseException as error:  # Ctrl-C too
        # A mistake in the input is found before training, but for what cannot be exported.
        mistake = isinstance(error, RecframeError) and not isinstance(error, ExportError)
        if replaces(folder):
            pass  # what is kept is the earlier run, which is told where it is kept
        elif not mistake and (kept := run_folder.what_is_kept(folder)):
            error.add_note(kept)
        elif isinstance(error, KeyboardInterrupt):
            error.add_note("no epoch was done: no weights are kept")
        raise
    return run


def load_run(folder: Path, say: Callable[[str], None] = lambda note: None) -> Run:
    """A finished or stopped run, from its config and its best checkpoint.

    Args:
        say: Told what there is to say of the data.

    Raises:
        SpecError: where the folder holds no run, or its data is no longer what it was trained on.
    """
    folder = folder.absolute()
    spec, registries = run_folder.read_config(folder), load_plugins()
    # Its own ids, also where the run that they go on from is gone. Older runs keep none, and count again.
    own = Vocabularies.read(folder) if (folder / VOCABULARIES).exists() else None
    with contextlib.chdir(run_folder.started_in(folder)):
        data = load_data(spec, registries, say, own)
    run_folder.require_same_data(folder, data.sha256())
    run = Run(spec, registries, data, build_model(spec, registries, data.features, data.num_labels), folder)
    run_folder.load_checkpoint(folder, run.model)
    run.weights_id, run.unfinished = run_folder.weights_id(folder), run_folder.unfinished(folder)
    run.metrics = run_folder.read_metrics(folder)
    if run.unfinished:
        say(f"{folder}: {run.unfinished}")
        # A run that ends does so, and then measures and exports what it has learnt.
        learn_prior(run.model, data, spec.evaluation.batch_size)
    run.history = run.metrics.get("training", [])
    return run


def evaluate_run(folder: Path) -> None:
    """`recframe evaluate RUN`: measure again and show it."""
    with writing(folder):
        say = ConsoleListener().say
        run = load_run(folder, say)
        _measure(run, say)
        run_folder.write_metrics(folder, run.metrics)
        write_report(run, folder)
    print_results(run)


def _measure(run: Run, say: Callable[[str], None]) -> None:
    """Measure again; what evaluation does not tell stays."""
    kept: dict[str, Any] = {name: run.metrics[name] for name in ("exports", "timings") if name in run.metrics}
    run.metrics = {**evaluate(run, say), **kept}


def compare_runs(one: Path, other: Path, as_json: bool = False) -> None:
    """`recframe evaluate RUN_A RUN_B`: rank the test targets with both, and show the difference with its interval.

    Raises:
        SpecError: where a folder holds no run, or the runs were not tested on the same targets.
    """
    # One run after the other: the data of two may not fit into memory.
    first, second = (RankedRun.of(load_run(folder, ConsoleListener().say)) for folder in (one, other))
    print_comparison(first, second, (one, other), as_json)


def export_run(folder: Path, changes: Mapping[str, Any] = MappingProxyType({})) -> None:
    """`recframe export RUN`: write the bundle again.

    Args:
        changes: Other `exporters`, and under `export` other options than the run's.

    Raises:
        SpecError: where a change is none that there is.
    """
    with writing(folder):
        run = load_run(folder)
        plain = unstructure(run.spec)
        changed = {**plain, **changes, "export": {**plain["export"], **changes.get("export", {})}}
        run.spec = structure(changed, run.registries)
        if "test" not in run.metrics:
            run.metrics = evaluate(run, ConsoleListener().say)
        run.write_bundle(folder / EXPORT)
        write_report(run, folder)
    print_results(run)
