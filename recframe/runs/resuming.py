"""Decides whether a command starts a new run or resumes the stopped run in its folder, and refuses to do harm.

A finished run is not replaced without `overwrite`, and a stopped run is not resumed with another spec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recframe.errors import FolderError, SpecError
from recframe.errors.shell import override
from recframe.plugin.registry import Registries
from recframe.runs.identity import differences
from recframe.runs.place import finish_replacement, has_results, is_run, unfinished_places
from recframe.runs.plugins_used import as_recorded
from recframe.spec.convert import structure
from recframe.spec.experiment import ExperimentSpec
from recframe.training.training_state import TrainingState, read_state


def place_of_stopped_run(folder: Path, spec: ExperimentSpec, registries: Registries, overwrite: bool) -> Path | None:
    """The place of the stopped run that this spec resumes; None to start a new run.

    Args:
        overwrite: Whether the run may replace an existing one. If so, only a stopped run that was itself replacing the
            existing one is resumed.

    Raises:
        FolderError: The folder holds a finished run, and `overwrite` is false.
        SpecError: The folder holds a stopped run that cannot be resumed. The message has the reasons.
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
            raise cannot_resume(folder, reasons)
        return None
    if has_results(folder) and not overwrite:
        raise FolderError(
            f"{folder}: it holds a finished run; set overwrite=true to replace it when the new run is complete, or "
            "choose another folder with hydra.run.dir=FOLDER"
        )
    return None


def place_to_resume(folder: Path) -> tuple[Path, TrainingState]:
    """The place of the stopped run in a folder, and its state.

    Raises:
        FolderError: There is none.
    """
    finish_replacement(folder)
    for place in unfinished_places(folder):
        if (state := read_state(place)) is not None:
            return place, state
    if has_results(folder):
        raise FolderError(
            f"{folder}: this run is finished, so it cannot be resumed; "
            f"{override('train.warm_start', folder)} starts another run from its weights"
        )
    if is_run(folder):
        raise FolderError(f"{folder}: the run stopped before training began; repeat its command")
    raise FolderError(f"{folder}: not a run folder")


def spec_to_resume(folder: Path, registries: Registries, changes: Mapping[str, Any]) -> tuple[ExperimentSpec, Path]:
    """The spec of the stopped run in a folder, with changes, and the folder that its relative paths refer to.

    Raises:
        FolderError: There is no stopped run.
        SpecError: A change is wrong, or the run cannot be resumed with it.
    """
    place, state = place_to_resume(folder)
    registries = as_recorded(registries, place)
    spec = structure(_changed(state.identity["spec"], changes), registries)
    if reasons := differences(state, spec, registries):
        raise cannot_resume(folder, reasons)
    origin = Path(state.identity["started_in"])
    return spec, origin if origin.is_dir() else Path.cwd()


def _changed(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(plain)
    for key, value in changes.items():
        before = changed.get(key)
        changed[key] = _changed(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return changed


def cannot_resume(folder: Path, reasons: Sequence[str]) -> SpecError:
    """The error if a new run differs from the stopped one."""
    listed = "; ".join(reasons)
    return SpecError(
        f"{folder}: it holds a stopped run, which this command cannot resume: {listed}; make them equal, or start a "
        "new run with overwrite=true or in another folder"
    )
