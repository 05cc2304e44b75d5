"""Where training is, in `checkpoints/training.npz`: from it, a run that was killed goes on to the same bits.

One file holds the weights, the optimizer, the best weights and, as JSON, all the rest, so that one rename replaces them
together. It is an NPZ file without pickles: a zip of arrays. The JSON has the SHA-256 of each array, and its own.
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

#: Seconds of training between two states, at least; and the share of the time that writing them may take.
INTERVAL, SHARE = 30.0, 0.02
_STATE = "state"  # the name of the JSON among the arrays
#: What Python's zip and NumPy raise for files that are damaged.
_UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, ArithmeticError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)

Arrays = Mapping[str, Sequence[Any]]


@frozen
class TrainingState:
    """Where training is, without the arrays.

    Attributes:
        identity: What must be the same to go on: the spec, the data, the versions.
        curves: Loss and validation figures of each epoch that is done.
        last: The last call of an epoch that is not done; None between two epochs.
        best_epoch, best_figure, waited: As in `BestWeights`.
        targets, seconds: What the epochs that are done trained on and took.
        trained: Whether training has ended; the weights are in the checkpoint then, and there are no arrays.
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
        """Epochs that are done or begun."""
        return len(self.curves) + (self.last is not None)

    @property
    def begun(self) -> bool:
        """Whether anything would be lost with it."""
        return bool(self.epochs) or self.trained


@define
class StateKeeper:
    """Writes a run's state now and then, at most for a small share of the time.

    Attributes:
        folder: The run's; None where nothing is written.
        last_write: When the last one was written, or training began; by the monotonic clock, in seconds.
        cost: Seconds that it took.
    """

    folder: Path | None
    last_write: float = field(factory=time.monotonic)
    cost: float = 0.0

    @property
    def due(self) -> bool:
        """Whether to write the state at this moment."""
        return self.folder is not None and time.monotonic() - self.last_write >= max(INTERVAL, self.cost / SHARE)

    def write(self, state: TrainingState, arrays: Arrays) -> None:
        """Write it in place of the one before, whole or not at all."""
        assert self.folder is not None
        start = time.monotonic()
        write_state(self.folder, state, arrays)
        self.last_write = time.monotonic()
        self.cost = self.last_write - start


def write_state(folder: Path, state: TrainingState, arrays: Arrays | None = None) -> None:
    """Write the state into a run folder, one array in memory at a time."""
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
    """The state in a run folder; None where there is none.

    Raises:
        SpecError: where it is not as it was written.
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
    """The arrays of a group; none where the state has no such group.

    Raises:
        SpecError: where one is not as it was written.
    """
    with _opened(folder) as (packed, content):
        return list(_arrays(packed, group, content["arrays"]))


def restore(folder: Path, group: str, variables: Sequence[Any]) -> None:
    """Give variables the values that a state has under the name of a group, one in memory at a time.

    Raises:
        SpecError: where a value is not as it was written, or of another shape.
    """
    with _opened(folder) as (packed, content):
        for variable, array in zip(variables, _arrays(packed, group, content["arrays"]), strict=True):
            if tuple(variable.shape) != array.shape:
                raise ValueError(f"{variable.path} has the shape {tuple(variable.shape)}, not {array.shape}")
            variable.assign(array)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """The arrays and the JSON; whatever is wrong with them in the block is a SpecError."""
    path = folder / TRAINING
    try:
        with zipfile.ZipFile(path) as packed:
            content = parse_json(_read(packed, _STATE).tobytes().decode())
            if not isinstance(content, dict) or not has_own_digest(content):
                raise ValueError("it differs from what the run wrote (sha256)")
            yield packed, content
    except _UNREADABLE as error:
        raise SpecError(f"{path}: cannot be read: {error}; overwrite=true trains again") from None


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
