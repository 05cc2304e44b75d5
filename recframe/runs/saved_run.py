"""Loads a finished or stopped run from its folder, to evaluate or export it again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recframe.data.vocabularies import VOCABULARIES, Vocabularies
from recframe.model.dual_encoder import build_model
from recframe.plugin.registry import Registries
from recframe.runs import folder as run_folder
from recframe.runs.data import load_data
from recframe.runs.place import finish_replacement
from recframe.runs.plugins_used import as_recorded
from recframe.runs.run import Run, evaluate
from recframe.runtime.files import EXPORT
from recframe.spec.convert import structure, unstructure
from recframe.training.checkpoints import load_checkpoint, require_same_data, started_in, unfinished, weights_id
from recframe.training.popularity_prior import learn_prior


def load_run(folder: Path, registries: Registries, say: Callable[[str], None] = lambda note: None) -> Run:
    """Load a finished or stopped run from its config and its best checkpoint.

    Args:
        say: Receives notes on the data.

    Raises:
        SpecError: The folder holds no run, or its data has changed since training.
    """
    folder = folder.absolute()
    finish_replacement(folder)
    registries = as_recorded(registries, folder)
    spec = run_folder.read_config(folder, registries)
    # The run's own vocabularies, so that the run of dataset.vocabulary_from is not needed. Old runs have none.
    own = Vocabularies.read(folder) if (folder / VOCABULARIES).exists() else None
    with contextlib.chdir(started_in(folder)):
        data = load_data(spec, registries, say, own)
    require_same_data(folder, data.sha256())
    run = Run(spec, registries, data, build_model(spec, registries, data.features, data.num_labels), folder)
    load_checkpoint(folder, run.model)
    run.weights_id, run.unfinished = weights_id(folder), unfinished(folder)
    run.metrics = run_folder.read_metrics(folder)
    if run.unfinished:
        say(f"{folder}: {run.unfinished}")
        # A finished run has learnt its prior before its evaluation and export; a stopped run has not.
        learn_prior(run.model, data, spec.evaluation.batch_size)
    run.history = run.metrics.get("training", [])
    return run


def evaluate_again(run: Run, say: Callable[[str], None] = lambda note: None) -> None:
    """Evaluate again and write metrics.json. Its entries on exports and timings are kept."""
    kept: dict[str, Any] = {name: run.metrics[name] for name in ("exports", "timings") if name in run.metrics}
    run.metrics = {**evaluate(run, say), **kept}
    run_folder.write_metrics(run.folder, run.metrics)


def export_again(
    run: Run, changes: Mapping[str, Any] = MappingProxyType({}), say: Callable[[str], None] = lambda note: None
) -> None:
    """Write the bundle of a run again. The caller must hold the lock of the run folder.

    Args:
        changes: New values of `exporters`, and of options under `export`.
        say: Receives the progress if it takes long.

    Raises:
        SpecError: A change names an exporter or an option that does not exist, or has a wrong value.
        ExportError: A check fails. The earlier bundle stays.
    """
    assert run.folder is not None
    plain = unstructure(run.spec)
    changed = {**plain, **changes, "export": {**plain["export"], **changes.get("export", {})}}
    run.spec = structure(changed, run.registries)
    if "test" not in run.metrics:
        run.metrics = evaluate(run, say)
    run.write_bundle(run.folder / EXPORT, say=say)
