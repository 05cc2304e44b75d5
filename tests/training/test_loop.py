from __future__ import annotations

import numpy as np
import pytest

import recframe
from recframe import train
from recframe.data.sequences import history_events
from recframe.data.splits import TRAIN
from recframe.data.training_examples import SequenceExamples
from recframe.errors import SpecError
from recframe.model.dual_encoder import build_model
from recframe.runs.data import load_data
from recframe.training.loop import Trainer

SMALL = [
    "dataset.users=60",
    "dataset.items=50",
    "dataset.events_per_user=15",
    "model.history_length=8",
    "train.epochs=2",
]


def _spec(*overrides: str) -> recframe.ExperimentSpec:
    return recframe.compose([*SMALL, *overrides])


@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm"])
def test_positions_and_windows_give_the_same_vector_for_the_same_history(encoder: str) -> None:
    spec, registries = _spec(f"encoder={encoder}"), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    start = data.interactions.offsets[0]
    events = start + np.arange(8)
    inputs = {name: feature.codes[events][None] for name, feature in data.features.items()}
    positions = np.asarray(model.position_vectors(inputs))[0]
    for step in range(8):
        history = history_events(data, np.array([start + step + 1]), 8)
        window = np.asarray(model({name: feature.codes[history] for name, feature in data.features.items()}))[0]
        np.testing.assert_allclose(positions[step], window, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mode", ["windows", "positions"])
@pytest.mark.parametrize("loss", ["softmax", "in_batch"])
def test_training_lowers_the_loss_and_counts_every_target(mode: str, loss: str) -> None:
    spec, registries = _spec(f"train.mode={mode}", f"loss={loss}", "train.batch_size=64"), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    trainer = Trainer(spec, registries, SequenceExamples(data), model)
    losses = []
    for epoch in range(12):
        mean, examples = trainer.run_epoch(epoch)
        assert examples == len(data.targets(TRAIN))
        losses.append(mean)
    assert losses[-1] < losses[0] - 0.05


def test_training_reads_longer_histories_than_the_model() -> None:
    spec, registries = _spec("train.history_length=12", "train.batch_size=64"), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    trainer = Trainer(spec, registries, SequenceExamples(data), model)
    segments = np.concatenate([batch.segments for batch in trainer.batches(1) if batch.segments is not None])
    longest = max(int(np.bincount(row[row > 0]).max()) for row in segments if row.any())
    assert longest == 12
    assert trainer.run_epoch(1)[1] == len(data.targets(TRAIN))


def test_windows_have_no_longer_histories_in_training() -> None:
    with pytest.raises(SpecError, match=r"train\.history_length: only training on positions has it"):
        train(_spec("train.history_length=12", "train.mode=windows"))
    with pytest.raises(SpecError, match=r"7 is less than model\.history_length, which is 8"):
        _spec("train.history_length=7")


def test_the_same_seed_gives_the_same_weights_to_the_bit() -> None:
    runs = [train(_spec("encoder=lstm")) for _ in range(2)]
    for one, other in zip(runs[0].model.get_weights(), runs[1].model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert runs[0].metrics["test"] == runs[1].metrics["test"]
    other_seed = train(_spec("encoder=lstm", "seed=2"))
    assert other_seed.metrics["test"] != runs[0].metrics["test"]


def test_positions_are_refused_for_an_encoder_that_looks_ahead() -> None:
    with pytest.raises(SpecError, match=r"train\.mode.*history.*use `windows`"):
        train(_spec("encoder=cnn", "encoder.stride=2", "train.mode=positions"))


def test_a_run_recommends_from_python_and_leaves_the_history_out() -> None:
    run = train(_spec())
    history = [run.data.label_vocabulary[1], run.data.label_vocabulary[2], "no such item"]
    answer = run.recommend(history, k=5)
    assert len(answer) == 5
    assert not {item for item, _ in answer} & set(history)
    assert [score for _, score in answer] == sorted((score for _, score in answer), reverse=True)
