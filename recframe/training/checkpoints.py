"""Checkpoints: `checkpoints/state.json`, and the weights file that it names with its SHA-256.

The new weights are written first, then state.json is replaced, and then the old weights are removed. So state.json
always names complete weights. A file that has changed since it was written is refused.
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
#: The training state of an unfinished run: see recframe.training.training_state.
TRAINING = f"{CHECKPOINTS}/training.npz"
_DIGEST_OF_WEIGHTS = "weights_sha256"


class _WeightsFile(io.BytesIO):
    """An HDF5 file in memory. HDF5 may crash the process on a full disk, so Python writes the file."""

    def __str__(self) -> str:
        return "best.weights.h5"  # Keras checks the file name's ending


def write_weights(path: Path, model: DualEncoder) -> memoryview:
    """Write a model's weights atomically; returns the bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(path.parent.parent)
    weights = _WeightsFile()
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
    """Save the weights; returns their unique id, or an empty text if there is no folder.

    Args:
        data: sha256 of the training data; None if the data is not from a dataset.
        finished: Whether training has ended. If not, these are the best weights so far.
        origin: The folder that relative paths in the run's config.yaml refer to; None for the working folder.
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
    """The content of state.json; empty if it cannot be read."""
    try:
        content = parse_json((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def weights_id(folder: Path) -> str:
    """The id of the weights in a run folder, as `save_checkpoint` returned it."""
    return str(state_of(folder).get("id", ""))


def require_same_run(folder: Path, weights: str) -> None:
    """Raise FolderError if the weights in a folder no longer have this id."""
    if weights_id(folder) != weights:
        raise FolderError(f"{folder}: another run has since replaced this one; export to another folder")


def unfinished(folder: Path) -> str:
    """A note on how far training came, if the run was stopped during training; else an empty text."""
    state = state_of(folder)
    if state.get("finished", True):
        return ""
    return f"the run was stopped during training: its weights are the best so far, from epoch {state.get('epoch')}"


def started_in(folder: Path) -> Path:
    """The working folder of the training command, which relative paths in config.yaml refer to."""
    content = Path(str(state_of(folder).get("started_in", "")))
    return content if content.is_dir() else Path.cwd()


def require_same_data(folder: Path, data: str) -> None:
    """Raise SpecError if the data of a run has changed since its weights were trained.

    Args:
        data: sha256 of the data now. A run whose data was not from a dataset has no digest, and passes.
    """
    trained = _read_state(folder / STATE).get("data_sha256")
    if trained is not None and trained != data:
        raise SpecError(
            f"{folder}: the data that its config.yaml names has changed since the run was trained, so the metrics "
            "would not be comparable; restore the data, or train again (train.warm_start starts from its weights)"
        )


def load_checkpoint(folder: Path, model: DualEncoder) -> None:
    """Load the best weights of the run into the model.

    Raises:
        SpecError: The run stopped before its first checkpoint, or a file has changed since the run wrote it.
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
        raise SpecError(
            f"{weights}: the weights do not fit this run's model and data: {reason}; train again"
        ) from error


def _with_digests(state: Mapping[str, Any], weights: bytes | memoryview) -> dict[str, Any]:
    """Add the digest of the weights and the digest of the state itself."""
    return with_own_digest({**state, _DIGEST_OF_WEIGHTS: sha256_of(weights)})


def _read_state(path: Path) -> dict[str, Any]:
    """Read a checkpoint's state.

    Raises:
        SpecError: There is none, or it has changed since it was written.
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
    """Raise SpecError if the weights do not have the digest in the state."""
    if file_sha256(path) != state.get(_DIGEST_OF_WEIGHTS):
        raise SpecError(f"{path}: differs from what the run wrote (sha256); train again")
