"""The training state in `checkpoints/training.npz`. With it, a killed run can be resumed with bit-identical results.

One file holds the weights, the optimizer's variables, the best weights and a JSON text with the rest, so that one
rename replaces all of them. It is an NPZ file (a zip of arrays) without pickles. The JSON has the SHA-256 of each array
and of itself.
"""

from __future__ import annotations

import contextlib
import json
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from attrs import define, field, frozen

from recframe.errors import SpecError
from recframe.files.digests import has_own_digest, sha256_of, with_own_digest
from recframe.files.json_text import parse_json
from recframe.files.whole import remove, sync_folder, whole_file
from recframe.training.checkpoints import TRAINING
from recframe.training.progress import Progress

#: The shortest time between two writes of the state, in seconds, and the largest share of the time for writing.
INTERVAL, SHARE = 30.0, 0.02
_STATE = "state"  # the name of the JSON text in the zip
#: The errors of Python's zip and of NumPy for damaged files.
_UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, ArithmeticError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)

Arrays = Mapping[str, Sequence[Any]]


@frozen
class TrainingState:
    """The training state without the arrays.

    Attributes:
        identity: What must be equal to resume: the spec, the data and the versions.
        curves: The loss and the validation metrics of each completed epoch.
        last: The progress after the last call in an incomplete epoch; None between epochs.
        best_epoch, best_figure, waited: As in `BestWeights`.
        targets, seconds: The number of targets and the time of the completed epochs.
        trained: Whether training has ended. Then the weights are in the checkpoint, and there are no arrays.
    """

    identity: Mapping[str, Any]
    curves: tuple[Mapping[str, float], ...] = ()
    last: Progress | None = None
    best_epoch: int = 0
    best_figure: float = -1.0
    waited: int = 0
    targets: int = 0
    seconds: float = 0.0
    trained: bool = False

    @property
    def epochs(self) -> int:
        """The number of epochs that have begun."""
        return len(self.curves) + (self.last is not None)

    @property
    def begun(self) -> bool:
        """Whether any training has been done."""
        return bool(self.epochs) or self.trained


@define
class StateKeeper:
    """Writes a run's state from time to time, so that writing takes only a small share of the time.

    Attributes:
        folder: The run folder; None to write nothing.
        last_write: The time of the last write, or of the start of training, in seconds of the monotonic clock.
        cost: The duration of the last write in seconds.
    """

    folder: Path | None
    last_write: float = field(factory=time.monotonic)
    cost: float = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to write the state."""
        return self.folder is not None and time.monotonic() - self.last_write >= max(INTERVAL, self.cost / SHARE)

    def write(self, state: TrainingState, arrays: Arrays) -> None:
        """Replace the state on disk atomically."""
        assert self.folder is not None
        start = time.monotonic()
        write_state(self.folder, state, arrays)
        self.last_write = time.monotonic()
        self.cost = self.last_write - start


def write_state(folder: Path, state: TrainingState, arrays: Arrays | None = None) -> None:
    """Write the state into a run folder. Only one array is copied at a time."""
    path = folder / TRAINING
    path.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(folder)
    digests: dict[str, str] = {}
    with whole_file(path) as file, zipfile.ZipFile(file, "w") as packed:
        for group, values in (arrays or {}).items():
            for place, value in enumerate(values):
                name, array = f"{group}/{place}", np.asarray(value, order="C")
                digests[name] = _sha256(array)
                _write(packed, name, array)
        text = json.dumps(with_own_digest({**attrs.asdict(state), "arrays": digests}), allow_nan=False)
        _write(packed, _STATE, np.frombuffer(text.encode(), np.uint8))


def read_state(folder: Path) -> TrainingState | None:
    """The state in a run folder; None if there is none.

    Raises:
        SpecError: The file is damaged or has changed since it was written.
    """
    if not (folder / TRAINING).exists():
        return None
    with _opened(folder) as (_, content):
        last = content["last"] and Progress(**content["last"])
        names = [name.name for name in attrs.fields(TrainingState)]
        values = {name: content[name] for name in names} | {"last": last, "curves": tuple(content["curves"])}
        return TrainingState(**values)


def forget_state(folder: Path) -> None:
    """Remove the state of a run that has ended."""
    remove(folder / TRAINING)


def arrays_of(folder: Path, group: str) -> list[np.ndarray]:
    """The arrays of a group; empty if the state has no such group.

    Raises:
        SpecError: An array is damaged or has changed since it was written.
    """
    with _opened(folder) as (packed, content):
        return list(_arrays(packed, group, content["arrays"]))


def restore(folder: Path, group: str, variables: Sequence[Any]) -> None:
    """Assign the arrays of a group to variables, one at a time.

    Raises:
        SpecError: An array is damaged, has changed, or has another shape than its variable.
    """
    with _opened(folder) as (packed, content):
        for variable, array in zip(variables, _arrays(packed, group, content["arrays"]), strict=True):
            if tuple(variable.shape) != array.shape:
                raise ValueError(f"{variable.path} has the shape {tuple(variable.shape)}, not {array.shape}")
            variable.assign(array)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """The zip and its JSON. Turns errors from damaged files inside the block into SpecError."""
    path = folder / TRAINING
    try:
        with zipfile.ZipFile(path) as packed:
            content = parse_json(_read(packed, _STATE).tobytes().decode())
            if not isinstance(content, dict) or not has_own_digest(content):
                raise ValueError("it differs from what the run wrote (sha256)")
            yield packed, content
    except _UNREADABLE as error:
        raise SpecError(f"{path}: cannot be read: {error}; use overwrite=true to train again") from None


def _arrays(packed: zipfile.ZipFile, group: str, digests: Mapping[str, str]) -> Iterator[np.ndarray]:
    for place in range(sum(name.startswith(f"{group}/") for name in digests)):
        array = _read(packed, f"{group}/{place}")
        if _sha256(array) != digests[f"{group}/{place}"]:
            raise ValueError("it differs from what the run wrote (sha256)")
        yield array


def _read(packed: zipfile.ZipFile, name: str) -> np.ndarray:
    with packed.open(f"{name}.npy") as member:
        array: np.ndarray = np.lib.format.read_array(member, allow_pickle=False)
    return array


def _write(packed: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    with packed.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array(member, array, allow_pickle=False)


def _sha256(array: np.ndarray) -> str:
    return sha256_of(array.reshape(-1).view(np.uint8).data)
