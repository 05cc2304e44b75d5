"""A training state that has changed since it was written is refused; writing it takes a small share of the time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recframe.errors import SpecError
from recframe.training import training_state
from recframe.training.progress import Progress
from recframe.training.training_state import StateKeeper, TrainingState, arrays_of, read_state, restore, write_state
from tests.chaos.flips import flipped

STATE = TrainingState(
    {"spec": {"seed": 1}},
    ({"epoch": 1, "loss": 0.1 + 0.2},),
    Progress(2, 3, 9, 1 / 3, 7.1, 40, 0.5),
    best_epoch=1,
    best_figure=0.7,
    targets=99,
)
ARRAYS = {"model": [np.float32([[1, -0.0], [np.nan, 3]]), np.array(7)], "optimizer": [np.zeros((0, 3), np.float32)]}


class Variable:
    """As much of a Keras variable as is asked."""

    def __init__(self, *shape: int) -> None:
        self.shape, self.path, self.value = shape, "encoder/kernel", np.zeros(shape)

    def assign(self, value: np.ndarray) -> None:
        self.value = value


def test_everything_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    write_state(tmp_path, STATE, ARRAYS)
    assert read_state(tmp_path) == STATE
    for group, arrays in ARRAYS.items():
        for array, other in zip(arrays, arrays_of(tmp_path, group), strict=True):
            assert (array.dtype, array.shape, array.tobytes()) == (other.dtype, other.shape, other.tobytes())
    assert arrays_of(tmp_path, "best") == []


def test_variables_of_other_shapes_or_number_are_refused(tmp_path: Path) -> None:
    write_state(tmp_path, STATE, ARRAYS)
    restore(tmp_path, "model", [Variable(2, 2), Variable()])
    for variables in ([Variable(2, 3), Variable()], [Variable(2, 2)]):
        with pytest.raises(SpecError, match=r"training\.npz: cannot be read"):
            restore(tmp_path, "model", variables)


def test_a_flipped_bit_changes_nothing_or_is_refused(tmp_path: Path) -> None:
    write_state(tmp_path, STATE, ARRAYS)
    path = tmp_path / training_state.TRAINING
    content = path.read_bytes()
    expected = [array.tobytes() for group in ARRAYS for array in arrays_of(tmp_path, group)]
    refused = 0
    for place in range(len(content)):
        path.write_bytes(flipped(content, 8 * place + place % 8))
        try:
            state = read_state(tmp_path)
            arrays = [array.tobytes() for group in ARRAYS for array in arrays_of(tmp_path, group)]
        except SpecError:
            refused += 1
        else:
            assert (state, arrays) == (STATE, expected)
    assert refused > len(content) * 0.6


def test_an_error_leaves_the_state_before(tmp_path: Path) -> None:
    write_state(tmp_path, STATE, ARRAYS)

    class Stops:
        def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_state(tmp_path, TrainingState({}), {"model": [np.zeros(3), Stops()]})
    assert read_state(tmp_path) == STATE
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["training.npz"]


@pytest.mark.parametrize(("cost", "pause"), [(0.0, 30.0), (0.5, 30.0), (2.0, 100.0)])
def test_writing_takes_at_most_a_fiftieth(
    cost: float, pause: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(training_state.time, "monotonic", lambda: now)
    keeper = StateKeeper(tmp_path, now, cost)
    now += pause - 1
    assert not keeper.due
    now += 2
    assert keeper.due
    assert not StateKeeper(None, 0.0).due
