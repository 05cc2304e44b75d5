"""Trains a run from a spec, or resumes a stopped one: prepare, train, evaluate, and write the run folder."""

from __future__ import annotations

import contextlib
import functools
import gc
import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recframe.evaluation.measure import count_ranked_targets, require_measurable
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import DualEncoder
from recframe.model.encoder_probe import probe_encoders
from recframe.plugin.registry import Registries
from recframe.runs import folder as run_folder
from recframe.runs.building import build
from recframe.runs.data import data_of, load_data
from recframe.runs.earlier_runs import earlier_model, teacher
from recframe.runs.export_dry_run import require_convertible
from recframe.runs.fitting import fit
from recframe.runs.identity import data_differences, identity_of
from recframe.runs.listener import Listener
from recframe.runs.place import clear, place_for_run, replaces
from recframe.runs.plugins_used import write_plugins
from recframe.runs.resuming import cannot_resume, place_of_stopped_run, place_to_resume, spec_to_resume
from recframe.runs.run import Run, evaluate
from recframe.spec.experiment import ExperimentSpec
from recframe.spec.small_catalogue import within_catalogue
from recframe.training.cooccurrence_start import start_from_cooccurrence
from recframe.training.loop import uses_positions
from recframe.training.loss_probe import probe_loss
from recframe.training.training_state import TrainingState, forget_state, read_state, write_state
from recframe.training.warm_start import EarlierModel, warm_start


def train(
    spec: ExperimentSpec,
    registries: Registries,
    folder: Path | str | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    overwrite: bool = False,
) -> Run:
    """Prepare the data, train and evaluate. `recframe.train` has the documentation; it loads the plugins first."""
    if folder is None:
        return train_in(None, spec, registries, listener, data, exports)
    path = Path(folder)
    with place_for_run(path, functools.partial(place_of_stopped_run, path, spec, registries, overwrite)) as place:
        run = train_in(place, spec, registries, listener, data, exports)
        forget_state(place)
    run.folder = path
    return run


def resume(
    folder: Path,
    registries: Registries,
    changes: Mapping[str, Any],
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
) -> Run:
    """Resume a stopped run. `recframe.resume` has the documentation."""
    folder = folder.absolute()
    spec, origin = spec_to_resume(folder, registries, changes)
    with place_for_run(folder, lambda: place_to_resume(folder)[0]) as place:
        run = train_in(place, spec, registries, listener, data, exports, origin)
        forget_state(place)
    run.folder = folder
    return run


def train_in(
    folder: Path | None,
    spec: ExperimentSpec,
    registries: Registries,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    origin: Path | None = None,
) -> Run:
    """Train in a folder from `place_for_run`. If the folder holds a training state, that run is resumed.

    The training state stays in the folder. The caller removes it with `forget_state`.

    Args:
        origin: The folder that relative paths of the spec refer to; None for the working folder.
    """
    listener, original_spec, origin = listener or Listener(), spec, origin or Path.cwd()
    state = read_state(folder) if folder is not None else None
    with contextlib.chdir(origin):
        # Loaded before the model is built, so that the model's initial weights do not depend on it. A resumed run has
        # its own weights, and its earlier run may no longer exist.
        begins = folder is None or state is None or not state.begun or replaces(folder)
        earlier = earlier_model(spec, registries) if begins else None
        start = time.perf_counter()
        if data is None:
            prepared = load_data(spec, registries, listener.say)
        else:
            prepared = data_of(spec, registries, data, listener.say)
    timings = {"prepare_s": time.perf_counter() - start}
    identity = identity_of(original_spec, registries, prepared, origin)
    state = _state_to_resume(state, identity, folder, listener)
    spec = within_catalogue(spec, prepared.num_items, listener.say)
    require_measurable(prepared, spec.evaluation)  # evaluation checks this too, but only after training
    trained = build(spec, registries, prepared)
    _tell_warnings(trained.model, registries, listener)
    run = Run(spec, registries, prepared, trained.model, folder)
    probe_encoders(run.model)
    probe_loss(spec, registries)
    if exports:
        require_convertible(trained)
    taught_by = None
    if state is None or not state.trained:
        with contextlib.chdir(origin):
            taught_by = teacher(spec, registries, prepared, run.model)
        identity["teacher"] = taught_by.weights_id if taught_by else ""
        if folder is not None and state is not None and state.identity.get("teacher", "") != identity["teacher"]:
            raise cannot_resume(folder, ["the weights of the run in train.teacher have changed"])
    uses_positions(spec, run.model)  # the trainer checks this too, but only after the folder is written
    if state is None:
        _set_start(run, earlier, listener)
    if folder is not None:
        if state is None:
            clear(folder)
        run_folder.write_config(spec, folder)
        write_plugins(spec, registries, folder)
        prepared.vocabularies.write(folder)
        if state is None:
            write_state(folder, TrainingState(identity))
    timings |= fit(run, identity, state or TrainingState(identity), listener, taught_by)
    # The trainer and its compiled step refer to each other, and hold the optimizer: twice the memory of the tables.
    gc.collect()
    start = time.perf_counter()
    run.metrics = evaluate(run, listener.say)
    seconds = time.perf_counter() - start
    ranked = count_ranked_targets(prepared, spec.evaluation)
    timings |= {"evaluate_s": seconds, "evaluate_examples_per_s": ranked / seconds}
    run.metrics["timings"] = {**timings, "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    run_folder.write_metrics(run.folder, run.metrics)
    return run


def _state_to_resume(
    state: TrainingState | None, identity: Mapping[str, Any], folder: Path | None, listener: Listener
) -> TrainingState | None:
    """The state if it can be resumed; None if the run starts from the beginning.

    Raises:
        SpecError: The data has changed.
    """
    if state is None or folder is None or not state.begun:
        return None
    if not (reasons := data_differences(state, identity["data"])):
        return state
    if not replaces(folder):
        raise cannot_resume(folder, [f"the data has changed: {', '.join(reasons)}"])
    listener.say(f"a stopped run is not resumed, since the data has changed: {', '.join(reasons)}")
    return None


def _set_start(run: Run, earlier: EarlierModel | None, listener: Listener) -> None:
    """Set the initial weights that come from an earlier run, or from the data."""
    if earlier is not None:
        for message in warm_start(earlier, run.spec, run.data, run.model):
            listener.say(message)
    elif run.spec.model.embedding_start == "cooccurrence":
        start_from_cooccurrence(run.model, run.data, run.spec.seed)


def _tell_warnings(model: DualEncoder, registries: Registries, listener: Listener) -> None:
    for name, encoder in model.spec.encoders.items():
        if warning := registries.encoders[encoder.type].warn(encoder.options, model.contexts[name]):
            listener.say(f"group {name!r}: {warning}")
