"""A run that has ended or was stopped: read again, measured again, exported again."""

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
from recframe.runs.place import settle
from recframe.runs.plugins_used import as_recorded
from recframe.runs.run import Run, evaluate
from recframe.runtime.files import EXPORT
from recframe.spec.convert import structure, unstructure
from recframe.training.checkpoints import load_checkpoint, require_same_data, started_in, unfinished, weights_id
from recframe.training.popularity_prior import learn_prior


def load_run(folder: Path, registries: Registries, say: Callable[[str], None] = lambda note: None) -> Run:
    """A finished or stopped run, from its config and its best checkpoint.

    Args:
        say: Receives notes on the data.

    Raises:
        SpecError: where the folder holds no run, or its data is no longer what it was trained on.
    """
    folder = folder.absolute()
    settle(folder)
    registries = as_recorded(registries, folder)
    spec = run_folder.read_config(folder, registries)
    # Its own ids, also where the run that they go on from is gone. Older runs keep none, and count again.
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
        # A run that ends does so, and then measures and exports what it has learnt.
        learn_prior(run.model, data, spec.evaluation.batch_size)
    run.history = run.metrics.get("training", [])
    return run


def evaluate_again(run: Run, say: Callable[[str], None] = lambda note: None) -> None:
    """Measure again and write metrics.json; what evaluation does not tell stays in it."""
    kept: dict[str, Any] = {name: run.metrics[name] for name in ("exports", "timings") if name in run.metrics}
    run.metrics = {**evaluate(run, say), **kept}
    run_folder.write_metrics(run.folder, run.metrics)


def export_again(
    run: Run, changes: Mapping[str, Any] = MappingProxyType({}), say: Callable[[str], None] = lambda note: None
) -> None:
    """Write the bundle of a run folder that is held already.

    Args:
        changes: Other `exporters`, and under `export` other options than the run's.

    Raises:
        SpecError: where a change names an exporter or an option that does not exist, or has a wrong value.
        ExportError: where a check fails; the bundle before stays.
    """
    assert run.folder is not None
    plain = unstructure(run.spec)
    changed = {**plain, **changes, "export": {**plain["export"], **changes.get("export", {})}}
    run.spec = structure(changed, run.registries)
    if "test" not in run.metrics:
        run.metrics = evaluate(run, say)
    run.write_bundle(run.folder / EXPORT)
