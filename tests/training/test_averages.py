"""Moving averages of the weights: equal to a plain computation, kept over a stop, and what is exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import recframe
from recframe.data.training_examples import SequenceExamples
from recframe.model.dual_encoder import DualEncoder, build_model
from recframe.runs.data import load_data
from recframe.training.averages import averaged
from recframe.training.loop import Trainer

SMALL = ["dataset.users=40", "dataset.items=30", "dataset.events_per_user=10", "model.history_length=8"]
DECAY = 0.5


def _trainer(*overrides: str) -> tuple[Trainer, DualEncoder]:
    spec, registries = recframe.compose([*SMALL, "train.steps_per_call=1", *overrides]), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    return Trainer(spec, registries, SequenceExamples(data), model), model


@pytest.mark.parametrize("optimizer", ["adamw", "adagrad", "adagrad_model_maker"])
@pytest.mark.parametrize("loss", ["softmax", "sampled_softmax"])  # dense gradients, and gradients of a few rows
def test_the_averages_equal_a_plain_computation(optimizer: str, loss: str) -> None:
    options = [f"train.optimizer={optimizer}", f"loss={loss}", f"train.averaging={DECAY}", "train.batch_size=32"]
    trainer, model = _trainer(*options)
    plain: list[np.ndarray] = []

    def after_step(_progress: object) -> None:
        weights = [variable.numpy() for variable in model.trainable_variables]
        plain[:] = [DECAY * old + (1 - DECAY) * new for old, new in zip(plain or weights, weights, strict=True)]

    trainer.run_epoch(1, after_step)
    own = [variable.numpy() for variable in model.trainable_variables]
    with averaged(trainer.optimizer, model.trainable_variables):
        for variable, expected in zip(model.trainable_variables, plain, strict=True):
            np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5, atol=1e-7)
    for variable, value in zip(model.trainable_variables, own, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_without_averaging_the_weights_stay_as_they_are() -> None:
    trainer, model = _trainer()
    trainer.run_epoch(1)
    own = [variable.numpy() for variable in model.trainable_variables]
    with averaged(trainer.optimizer, model.trainable_variables):
        for variable, value in zip(model.trainable_variables, own, strict=True):
            np.testing.assert_array_equal(variable.numpy(), value)


def test_a_run_reports_validates_and_keeps_the_averages(tmp_path: Path) -> None:
    options = [*SMALL, "encoder=bow", "train.epochs=2", "train.batch_size=16", "train.averaging=0.9", "exporters=[]"]
    run = recframe.train(recframe.compose(options), folder=tmp_path / "run")
    again = recframe.load_run(tmp_path / "run")
    np.testing.assert_array_equal(run.model.table.numpy(), again.model.table.numpy())
    plain = recframe.train(recframe.compose([*options, "train.averaging=0"]))
    assert np.abs(plain.model.table.numpy() - run.model.table.numpy()).max() > 0
