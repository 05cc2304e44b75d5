"""Moving averages of the weights: equal to a plain computation, kept over a stop, and what is exported."""

from __future__ import annotations

import itertools
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.data.training_examples import SequenceExamples
from recframe.model.dual_encoder import DualEncoder, build_model
from recframe.runs.data import load_data
from recframe.training.averages import averaged
from recframe.training.loop import Trainer
from recframe.training.optimizers import AdamW

SMALL = ["dataset.users=40", "dataset.items=30", "dataset.events_per_user=10", "model.history_length=8"]
#: Steps that the averages span in the long run.
SPAN = 10


def _trainer(*overrides: str) -> tuple[Trainer, DualEncoder]:
    spec, registries = recframe.compose([*SMALL, "train.steps_per_call=1", *overrides]), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    return Trainer(spec, registries, SequenceExamples(data), model), model


@pytest.mark.parametrize("optimizer", ["adamw", "adagrad", "adagrad_model_maker"])
@pytest.mark.parametrize("loss", ["softmax", "sampled_softmax"])  # dense gradients, and gradients of a few rows
def test_the_averages_equal_a_plain_computation(optimizer: str, loss: str) -> None:
    options = [f"train.optimizer={optimizer}", f"loss={loss}", "train.batch_size=8", "train.weight_decay=0"]
    steps = _trainer(*options)[0].steps
    assert steps > 3 * SPAN
    trainer, model = _trainer(*options, f"train.averaging={SPAN / steps}")
    plain: list[np.ndarray] = []
    step = itertools.count()

    def after_step(_progress: object) -> None:
        weights, before = [variable.numpy() for variable in model.trainable_variables], next(step)
        kept = min(1 - 1 / SPAN, before / (before + 4))
        plain[:] = [kept * old + (1 - kept) * new for old, new in zip(plain or weights, weights, strict=True)]

    trainer.run_epoch(1, after_step)
    own = [variable.numpy() for variable in model.trainable_variables]
    with averaged(trainer.optimizer, model.trainable_variables):
        for variable, expected in zip(model.trainable_variables, plain, strict=True):
            np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5, atol=1e-7)
    for variable, value in zip(model.trainable_variables, own, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_without_averaging_the_weights_stay_as_they_are() -> None:
    trainer, model = _trainer("train.averaging=0")
    trainer.run_epoch(1)
    own = [variable.numpy() for variable in model.trainable_variables]
    with averaged(trainer.optimizer, model.trainable_variables):
        for variable, value in zip(model.trainable_variables, own, strict=True):
            np.testing.assert_array_equal(variable.numpy(), value)


def test_a_run_reports_validates_and_keeps_the_averages(tmp_path: Path) -> None:
    options = [*SMALL, "encoder=bow", "train.epochs=2", "train.batch_size=16", "exporters=[]"]
    run = recframe.train(recframe.compose(options), folder=tmp_path / "run")
    again = recframe.load_run(tmp_path / "run")
    np.testing.assert_array_equal(run.model.table.numpy(), again.model.table.numpy())
    plain = recframe.train(recframe.compose([*options, "train.averaging=0"]))
    assert np.abs(plain.model.table.numpy() - run.model.table.numpy()).max() > 0


@pytest.mark.parametrize(("loss", "averages"), [("softmax", True), ("sampled_softmax", False)])
def test_averages_are_kept_unless_they_would_change_rows_that_a_step_leaves_alone(loss: str, averages: bool) -> None:
    trainer, _ = _trainer(f"loss={loss}", "dataset.items=3000", "train.batch_size=16")
    assert trainer.optimizer.use_ema is averages


@pytest.mark.parametrize("batch", [8, 32])
def test_an_epoch_takes_the_same_share_of_the_weights_whatever_the_batches(batch: int) -> None:
    trainer, _ = _trainer("train.weight_decay=0.3", f"train.batch_size={batch}")
    decay = trainer.optimizer.weight_decay
    assert decay is not None
    alone = keras.Variable(np.ones(3, np.float32))
    optimizer = AdamW(float(trainer.optimizer.learning_rate), weight_decay=decay)
    optimizer.clip(None)
    optimizer.build([alone])
    for _ in range(trainer.steps):
        optimizer.apply([tf.zeros(3)], [alone])
    np.testing.assert_allclose(alone.numpy(), np.exp(-0.3), rtol=0.01)
