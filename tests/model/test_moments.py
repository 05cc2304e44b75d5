"""A group of scope `now` has a vector for each target, whether a row of a batch is a window or a sequence."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.data.pieces import position_batches
from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import TRAIN
from recframe.model.dual_encoder import DualEncoder, build_model
from recframe.runs.data import load_data
from recframe.runs.memory_needed import memory_needed
from recframe.training.loop import uses_positions

NOW = (
    "groups.now={scope:now,features:{hour:{type:int},day:{type:int,source:weekday},"
    "gap:{type:buckets,source:time_since_previous}}}"
)
#: Whole histories fit, so that a position has the same history as a window.
SMALL = ["dataset.users=40", "dataset.items=30", "dataset.events_per_user=9", "model.history_length=64"]


def _built(*overrides: str) -> tuple[PreparedData, DualEncoder]:
    spec, registries = recframe.compose([*SMALL, NOW, *overrides]), recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    rng = np.random.default_rng(1)
    # Weights as first drawn are so small that a wrong moment would hide in rounding.
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return data, model


@pytest.mark.parametrize("pack", [True, False])
@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm"])
def test_positions_and_windows_give_the_same_vectors(encoder: str, pack: bool) -> None:
    data, model = _built(f"encoder={encoder}", "model.hidden_layer_dims=[16]")
    assert uses_positions(model.spec, model)
    assert model.can_pack
    targets, compared = data.targets(TRAIN), 0
    windows = np.asarray(model(histories(data, targets)))
    for batch in position_batches(data, 256, np.random.default_rng(0), pack):
        vectors = tf.reshape(model.position_vectors(batch.features, batch.segments), [-1, model.spec.model.width])
        assert batch.places is not None
        for label, vector in zip(batch.labels, np.asarray(tf.gather(vectors, batch.places)), strict=True):
            if label:
                same = windows[data.labels[targets] == label]
                assert np.abs(same - vector).max(axis=1).min() < 1e-4
                compared += 1
    assert compared == len(targets)


def test_the_moment_changes_the_answer_and_an_unknown_one_adds_nothing() -> None:
    data, model = _built()
    inputs = histories(data, data.targets(TRAIN)[:1])
    other = inputs | {"hour": (inputs["hour"] % 24) + 1}
    assert np.abs(np.asarray(model(inputs)) - np.asarray(model(other))).max() > 1e-3
    unknown = inputs | {name: np.zeros_like(inputs[name]) for name in ("hour", "day", "gap")}
    assert not np.asarray(model.moments("now", unknown)).any()


def test_an_empty_history_still_gets_the_popular_items() -> None:
    data, model = _built()
    inputs = histories(data, data.targets(TRAIN)[:1])
    empty = inputs | {"item": np.zeros_like(inputs["item"])}
    assert np.asarray(model.events(empty)).tolist() == [0]
    assert model.bias is not None
    np.testing.assert_allclose(np.asarray(model.scores(empty))[0], model.bias.numpy() * model.prior_strength[0])


def test_it_has_no_encoder_and_asks_for_no_windows() -> None:
    data, model = _built()
    assert list(model.encoder_layers) == ["history"]
    assert uses_positions(model.spec, model)
    assert data.aligned
    registries = recframe.load_plugins()
    needed = [memory_needed(spec, registries, 31) for spec in (model.spec, recframe.compose(SMALL))]
    (step,) = (name for name in needed[0] if name.startswith("a step of training"))
    assert needed[0][step] == needed[1][step]
