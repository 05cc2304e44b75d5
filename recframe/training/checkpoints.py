"""Checkpoints: `checkpoints/state.json` and the weights that it names, with their SHA-256.

state.json says which file holds the weights, so that the two change in one step: it is replaced once the weights are
there, and the old weights are removed after it. A file that has changed since it was written is refused.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recframe.errors import FolderError, SpecError
from recframe.files.digests import file_sha256, has_own_digest, sha256_of, with_own_digest
from recframe.files.json_text import parse_json
from recframe.files.whole import sync_folder, write_text, write_whole

if TYPE_CHECKING:
    from recframe.model.dual_encoder import DualEncoder  # which loads TensorFlow

CHECKPOINTS = "checkpoints"
STATE = f"{CHECKPOINTS}/state.json"
#: Of a run that has not ended: see recframe.training.training_state.
TRAINING = f"{CHECKPOINTS}/training.npz"
_DIGEST_OF_WEIGHTS = "weights_sha256"


class _Weights(io.BytesIO):
    """An HDF5 file in memory. HDF5 that meets a full disk may bring the whole process down, so Python writes it."""

    def __str__(self) -> str:
        return "best.weights.h5"  # Keras looks at the ending


def write_weights(path: Path, model: DualEncoder) -> memoryview:
    """Write a model's weights, whole or not at all; returns what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(path.parent.parent)
    weights = _Weights()
    model.save_weights(weights)
    write_whole(path, weights.getbuffer())
    return weights.getbuffer()


def save_checkpoint(
    folder: Path | None,
    model: DualEncoder,
    epoch: int,
    data: str | None = None,
    finished: bool = False,
    origin: Path | None = None,
) -> str:
    """Keep the weights; returns a name that no other weights have, or an empty one without a folder.

    Args:
        data: sha256 of the data that they were trained on; None: not from a dataset.
        finished: Whether training has ended; else the run goes on and these are its best weights so far.
        origin: Where the relative paths of the run's config.yaml begin; None: here.
    """
    if folder is None:
        return ""
    unique = uuid.uuid4().hex
    name = "best.weights.h5" if finished else f"best-{epoch}.weights.h5"
    weights = write_weights(folder / CHECKPOINTS / name, model)
    state = {"id": unique, "epoch": epoch, "finished": finished, "weights": name}
    state |= {"started_in": str(origin or Path.cwd()), "data_sha256": data}
    write_text(folder / STATE, json.dumps(_with_digests(state, weights)) + "\n")
    for earlier in (folder / CHECKPOINTS).glob("best*.weights.h5"):
        if earlier.name != name:
            earlier.unlink()
    return unique


def state_of(folder: Path) -> dict[str, Any]:
    """What was kept beside the weights; empty if it cannot be read."""
    try:
        content = parse_json((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def weights_id(folder: Path) -> str:
    """What `save_checkpoint` returned for the weights that a run folder has."""
    return str(state_of(folder).get("id", ""))


def require_same_run(folder: Path, weights: str) -> None:
    """Raise FolderError where a folder has other weights by now than those of that id."""
    if weights_id(folder) != weights:
        raise FolderError(f"{folder}: another run has taken this folder since; give the bundle a folder of its own")


def unfinished(folder: Path) -> str:
    """How far a run came that was stopped in training; empty for one that has ended."""
    state = state_of(folder)
    if state.get("finished", True):
        return ""
    return f"the run was stopped in training: its weights are the best until then, of epoch {state.get('epoch')}"


def started_in(folder: Path) -> Path:
    """Where `recframe` was when it trained: the paths in config.yaml are as they were given there."""
    content = Path(str(state_of(folder).get("started_in", "")))
    return content if content.is_dir() else Path.cwd()


def require_same_data(folder: Path, data: str) -> None:
    """Raise SpecError where a run's weights were trained on other data than what its config gives now.

    Args:
        data: sha256 of what it gives. A run that was not of a dataset says nothing of its own, and passes.
    """
    trained = _read_state(folder / STATE).get("data_sha256")
    if trained is not None and trained != data:
        raise SpecError(
            f"{folder}: the data that its config.yaml names differs from what the run was trained on, so its figures "
            "would differ too; restore that data, or train again (train.warm_start goes on from this run's weights)"
        )


def load_checkpoint(folder: Path, model: DualEncoder) -> None:
    """Give the model the best weights of the run.

    Raises:
        SpecError: where the run stopped before its first checkpoint, or a file is not as this run wrote it.
    """
    if not (folder / STATE).exists():
        raise SpecError(f"{folder}: the run stopped before its first checkpoint; train again")
    state = _read_state(folder / STATE)
    weights = folder / CHECKPOINTS / Path(str(state.get("weights"))).name
    _require_same_weights(weights, state)
    try:
        model.load_weights(weights)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SpecError(f"{weights}: not the weights of this run's model on its data: {reason}; train again") from error


def _with_digests(state: Mapping[str, Any], weights: bytes | memoryview) -> dict[str, Any]:
    """A checkpoint's state with the digest of its weights, and its own."""
    return with_own_digest({**state, _DIGEST_OF_WEIGHTS: sha256_of(weights)})


def _read_state(path: Path) -> dict[str, Any]:
    """A checkpoint's state.

    Raises:
        SpecError: where there is none, or it is not as it was written.
    """
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{path.parent.parent}: the run stopped before its first checkpoint; train again") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(f"{path}: cannot be read: {error}; train again") from None
    if not isinstance(state, dict) or not has_own_digest(state):
        raise SpecError(f"{path}: differs from what the run wrote (sha256); train again")
    return state


def _require_same_weights(path: Path, state: Mapping[str, Any]) -> None:
    """Raise SpecError where weights are not those that the state beside them was written for."""
    if file_sha256(path) != state.get(_DIGEST_OF_WEIGHTS):
        raise SpecError(f"{path}: differs from what the run wrote (sha256); train again")
