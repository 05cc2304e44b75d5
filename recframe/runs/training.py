"""From a spec to a run: prepare, train, evaluate, and keep what happened in a folder, or go on where that stopped."""

from __future__ import annotations

import contextlib
import functools
import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recframe.evaluation.measure import ranked_by, require_measurable
from recframe.interactions.interactions import Interactions
from recframe.model.encoder_probe import probe_encoders
from recframe.plugin.registry import Registries
from recframe.plugin.types import EncoderContext
from recframe.runs import folder as run_folder
from recframe.runs.building import build
from recframe.runs.data import data_of, load_data
from recframe.runs.earlier import earlier_model
from recframe.runs.export_dry_run import require_convertible
from recframe.runs.fitting import fit
from recframe.runs.going_on import cannot_go_on, place_to_go_on, place_to_resume, spec_to_resume
from recframe.runs.identity import data_differences, identity_of
from recframe.runs.listener import Listener
from recframe.runs.place import clear, renewed, replaces
from recframe.runs.plugins_used import write_plugins
from recframe.runs.run import Run, evaluate
from recframe.spec.experiment import ExperimentSpec
from recframe.spec.small_catalogue import within_catalogue
from recframe.training.loop import uses_positions
from recframe.training.training_state import TrainingState, forget_state, read_state, write_state
from recframe.training.warm_start import warm_start


def train(
    spec: ExperimentSpec,
    registries: Registries,
    folder: Path | str | None = None,
    listener: Listener | None = None,
    data: Interactions | None = None,
    exports: bool = False,
    overwrite: bool = False,
) -> Run:
    """Prepare the data, train, and evaluate, as `recframe.train` says, which loads the plugins first."""
    if folder is None:
        return train_in(None, spec, registries, listener, data, exports)
    path = Path(folder)
    with renewed(path, functools.partial(place_to_go_on, path, spec, registries, overwrite)) as place:
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
    """Go on with a run that was stopped, as `recframe.resume` says."""
    folder = folder.absolute()
    spec, origin = spec_to_resume(folder, registries, changes)
    with renewed(folder, lambda: place_to_resume(folder)[0]) as place:
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
    """`train`, in a folder that `renewed` has given; where it holds the state of a run, that run goes on.

    Args:
        origin: Where the relative paths of the spec begin; None: here. The state stays there until `forget_state`.
    """
    listener, asked, origin = listener or Listener(), spec, origin or Path.cwd()
    state = read_state(folder) if folder is not None else None
    _tell_warnings(spec, registries, listener)
    with contextlib.chdir(origin):
        # Before the model is built, so that its first weights are the same with and without. A run that goes on has
        # its own weights, and the earlier run may be gone.
        begins = folder is None or state is None or not state.begun or replaces(folder)
        earlier = earlier_model(spec, registries) if begins else None
        start = time.perf_counter()
        if data is None:
            prepared = load_data(spec, registries, listener.say)
        else:
            prepared = data_of(spec, registries, data, listener.say)
    timings = {"prepare_s": time.perf_counter() - start}
    identity = identity_of(asked, registries, prepared, origin)
    state = _to_go_on_from(state, identity, folder, listener)
    spec = within_catalogue(spec, prepared.num_items, listener.say)
    require_measurable(prepared, spec.evaluation)  # evaluation asks too, but only after training
    trained = build(spec, registries, prepared)
    run = Run(spec, registries, prepared, trained.model, folder)
    probe_encoders(run.model, registries)
    if exports:
        require_convertible(trained)
    uses_positions(spec, run.model)  # so does the trainer, but only once the folder is written
    if earlier is not None and state is None:
        for message in warm_start(earlier, spec, prepared, run.model):
            listener.say(message)
    if folder is not None:
        if state is None:
            clear(folder)
        run_folder.write_config(spec, folder)
        write_plugins(spec, registries, folder)
        prepared.vocabularies.write(folder)
        if state is None:
            write_state(folder, TrainingState(identity))
    timings |= fit(run, identity, state or TrainingState(identity), listener)
    start = time.perf_counter()
    run.metrics = evaluate(run, listener.say)
    seconds = time.perf_counter() - start
    timings |= {"evaluate_s": seconds, "evaluate_examples_per_s": ranked_by(prepared, spec.evaluation) / seconds}
    run.metrics["timings"] = {**timings, "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    run_folder.write_metrics(run.folder, run.metrics)
    return run


def _to_go_on_from(
    state: TrainingState | None, identity: Mapping[str, Any], folder: Path | None, listener: Listener
) -> TrainingState | None:
    """The state, where there is something to go on from; None where the run begins.

    Raises:
        SpecError: where it is of other data.
    """
    if state is None or folder is None or not state.begun:
        return None
    if not (reasons := data_differences(state, identity["data"])):
        return state
    if not replaces(folder):
        raise cannot_go_on(folder, [f"other data: {', '.join(reasons)}"])
    listener.say(f"a run that was stopped is not gone on with: it had other data: {', '.join(reasons)}")
    return None


def _tell_warnings(spec: ExperimentSpec, registries: Registries, listener: Listener) -> None:
    for name, group in spec.groups.items():
        context = EncoderContext(spec.model.width, spec.model.history_length)
        if warning := registries.encoders[group.encoder.type].warn(group.encoder.options, context):
            listener.say(f"group {name!r}: {warning}")
