"""Whether a command starts a run, goes on with the stopped run in its folder, or is refused for a finished one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recframe.errors import FolderError, SpecError
from recframe.errors.pasting import override
from recframe.plugin.registry import Registries
from recframe.runs.identity import differences
from recframe.runs.place import has_results, is_run, settle, unfinished_places
from recframe.runs.plugins_used import as_recorded
from recframe.spec.convert import structure
from recframe.spec.experiment import ExperimentSpec
from recframe.training.training_state import TrainingState, read_state


def place_to_go_on(folder: Path, spec: ExperimentSpec, registries: Registries, overwrite: bool) -> Path | None:
    """Where the run is that this spec goes on with; None: it begins anew.

    Args:
        overwrite: Whether it may replace a run; one that was itself about to replace a run is gone on with.

    Raises:
        FolderError: where the folder holds a run, and `overwrite` does not allow to replace it.
        SpecError: where that run has not ended, but cannot be gone on with, with the reasons.
    """
    for place in unfinished_places(folder):
        replacing = place != folder
        if replacing != overwrite:
            continue
        try:
            state = read_state(place)
            reasons = differences(state, spec, registries) if state else []
        except SpecError:
            if not overwrite:
                raise
            return None
        if not reasons:
            return place
        if not replacing and (has_results(folder) or (state and state.begun)):
            raise cannot_go_on(folder, reasons)
        return None
    if has_results(folder) and not overwrite:
        raise FolderError(
            f"{folder}: holds a finished run; overwrite=true replaces it once the new one is complete, or choose "
            "another folder with hydra.run.dir=FOLDER"
        )
    return None


def place_to_resume(folder: Path) -> tuple[Path, TrainingState]:
    """Where in a folder the run is that has not ended, and its state.

    Raises:
        FolderError: where there is none.
    """
    settle(folder)
    for place in unfinished_places(folder):
        if (state := read_state(place)) is not None:
            return place, state
    if has_results(folder):
        raise FolderError(
            f"{folder}: this run has ended, so there is nothing to go on with; "
            f"{override('train.warm_start', folder)} begins another run from its weights"
        )
    if is_run(folder):
        raise FolderError(f"{folder}: the run stopped before training began; give its command again")
    raise FolderError(f"{folder}: no run folder")


def spec_to_resume(folder: Path, registries: Registries, changes: Mapping[str, Any]) -> tuple[ExperimentSpec, Path]:
    """The spec of the run that has not ended in a folder, with changes, and where its relative paths begin.

    Raises:
        FolderError: where no such run is there.
        SpecError: where a change is wrong, or the run cannot go on with it.
    """
    place, state = place_to_resume(folder)
    registries = as_recorded(registries, place)
    spec = structure(_changed(state.identity["spec"], changes), registries)
    if reasons := differences(state, spec, registries):
        raise cannot_go_on(folder, reasons)
    origin = Path(state.identity["started_in"])
    return spec, origin if origin.is_dir() else Path.cwd()


def _changed(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(plain)
    for key, value in changes.items():
        before = changed.get(key)
        changed[key] = _changed(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return changed


def cannot_go_on(folder: Path, reasons: Sequence[str]) -> SpecError:
    """The error of a run that differs from the one that was stopped."""
    listed = "; ".join(reasons)
    return SpecError(
        f"{folder}: holds a run that was stopped, and this one cannot go on with it: {listed}; make them the same, or "
        "begin anew with overwrite=true or in another folder"
    )
