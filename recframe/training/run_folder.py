"""The files of a run folder: config.yaml, vocab, metrics.json, checkpoints. Weights are HDF5, the rest is text.

state.json says which file holds the weights, so that the two change in one step: it is replaced once the weights are
there, and the weights before go after it.
"""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import Any

import yaml

from recframe.converter import structure, unstructure
from recframe.errors import FolderError, SpecError
from recframe.folders.files import sync_folder, write_text, write_whole
from recframe.folders.runs import CHECKPOINTS, CONFIG, MARK, METRICS, STATE, clear, settle
from recframe.json_text import parse_json
from recframe.manager import load_plugins
from recframe.model.dual_encoder import DualEncoder
from recframe.pasting import command
from recframe.specs import ExperimentSpec
from recframe.training.checkpoint_digests import read_state, require_same_weights, with_digests
from recframe.training.figures import require_figures
from recframe.yaml_text import parse_yaml


class _Weights(io.BytesIO):
    """An HDF5 file in memory. HDF5 that meets a full disk may bring the whole process down, so Python writes it."""

    def __str__(self) -> str:
        return "best.weights.h5"  # Keras looks at the ending


def write_config(spec: ExperimentSpec, folder: Path) -> None:
    """config.yaml: enough to run the same again. What a run left that stopped before it had any result goes."""
    clear(folder)
    write_text(folder / CONFIG, MARK + yaml.safe_dump(unstructure(spec), sort_keys=False))


def read_config(folder: Path) -> ExperimentSpec:
    """The spec of a run.

    Raises:
        SpecError: where the folder holds no run, or its config is wrong.
    """
    settle(folder)
    try:
        mapping = parse_yaml((folder / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{folder}: no run folder ({CONFIG} is missing)") from None
    except OSError as error:
        raise SpecError(f"{folder / CONFIG}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SpecError(f"{folder / CONFIG}: cannot be read: {error}") from None
    return structure(mapping, load_plugins())


def write_metrics(folder: Path | None, metrics: dict[str, Any]) -> None:
    """metrics.json, as the contract names it."""
    if folder is not None:
        write_text(folder / METRICS, json.dumps(metrics, indent=2, allow_nan=False) + "\n")


def read_metrics(folder: Path) -> dict[str, Any]:
    """What the run measured so far; nothing where it stopped before.

    Raises:
        SpecError: where the file is not as it was written.
    """
    path = folder / METRICS
    try:
        found: dict[str, Any] = parse_json(path.read_text(encoding="utf-8")) if path.exists() else {}
        require_figures(found)
    except ValueError as error:
        raise SpecError(f"{path}: cannot be read: {error}; remove it and run again") from None
    return found


def write_weights(path: Path, model: DualEncoder) -> memoryview:
    """Write a model's weights, whole or not at all; returns what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(path.parent.parent)
    weights = _Weights()
    model.save_weights(weights)
    write_whole(path, weights.getbuffer())
    return weights.getbuffer()


def save_checkpoint(
    folder: Path | None, model: DualEncoder, epoch: int, data: str | None = None, finished: bool = False
) -> str:
    """Keep the weights; returns a name that no other weights have, and nothing without a folder.

    Args:
        data: sha256 of the data that they were trained on; None: not from a dataset.
        finished: Whether training has ended; else the run goes on and these are its best weights so far.
    """
    if folder is None:
        return ""
    unique = uuid.uuid4().hex
    name = "best.weights.h5" if finished else f"best-{epoch}.weights.h5"
    weights = write_weights(folder / CHECKPOINTS / name, model)
    state = {"id": unique, "epoch": epoch, "finished": finished, "weights": name}
    state |= {"started_in": str(Path.cwd()), "data_sha256": data}
    write_text(folder / STATE, json.dumps(with_digests(state, weights)) + "\n")
    for earlier in (folder / CHECKPOINTS).glob("best*.weights.h5"):
        if earlier.name != name:
            earlier.unlink()
    return unique


def what_is_kept(folder: Path) -> str:
    """How to go on with what a run that ended early has left in its folder; empty where it has left nothing."""
    state = _state(folder)
    if not state:
        return ""
    epoch = f" (epoch {state['epoch']})" if "epoch" in state else ""
    shown = folder.resolve()
    if shown.is_relative_to(Path.cwd()):
        shown = shown.relative_to(Path.cwd())
    return (
        f"the best weights so far{epoch} are kept: `{command('recframe', 'evaluate', shown)}` measures them, and "
        f"`{command('recframe', 'export', shown)}` exports them, with other limits as export.KEY=VALUE"
    )


def _state(folder: Path) -> dict[str, Any]:
    """What was kept beside the weights; nothing where that cannot be read."""
    try:
        found = parse_json((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def weights_id(folder: Path) -> str:
    """What `save_checkpoint` returned for the weights that a run folder has."""
    return str(_state(folder).get("id", ""))


def require_same_run(folder: Path, weights: str) -> None:
    """Raise FolderError where a folder has other weights by now than those of that id."""
    if weights_id(folder) != weights:
        raise FolderError(f"{folder}: another run has taken this folder since; give the bundle a folder of its own")


def unfinished(folder: Path) -> str:
    """How far a run came that was stopped in training; empty for one that has ended."""
    state = _state(folder)
    if state.get("finished", True):
        return ""
    return f"the run was stopped in training: its weights are the best until then, of epoch {state.get('epoch')}"


def started_in(folder: Path) -> Path:
    """Where `recframe` was when it trained: the paths in config.yaml are as they were given there."""
    found = Path(str(_state(folder).get("started_in", "")))
    return found if found.is_dir() else Path.cwd()


def require_same_data(folder: Path, data: str) -> None:
    """Raise SpecError where a run's weights were trained on other data than what its config gives now.

    Args:
        data: sha256 of what it gives. A run that was not of a dataset says nothing of its own, and passes.
    """
    trained = read_state(folder / "checkpoints" / "state.json").get("data_sha256")
    if trained is not None and trained != data:
        raise SpecError(
            f"{folder}: the data that its config.yaml names is not what the run was trained on, so its figures would "
            "be others; give back that data, or train again (train.warm_start goes on from this run's weights)"
        )


def load_checkpoint(folder: Path, model: DualEncoder) -> None:
    """Give the model the best weights of the run.

    Raises:
        SpecError: where the run stopped before its first checkpoint, or a file is not as this run wrote it.
    """
    if not (folder / STATE).exists():
        raise SpecError(f"{folder}: the run stopped before its first checkpoint; train again")
    state = read_state(folder / STATE)
    weights = folder / CHECKPOINTS / Path(str(state.get("weights"))).name
    require_same_weights(weights, state)
    try:
        model.load_weights(weights)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SpecError(f"{weights}: not the weights of this run's model on its data: {reason}; train again") from error
