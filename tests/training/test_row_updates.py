"""Updates of tables of which few rows have a gradient: the optimizers are compared with plain NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.data.training_examples import SequenceExamples
from recframe.model.dual_encoder import build_model
from recframe.runs.data import load_data
from recframe.training.loop import Trainer
from recframe.training.optimizers import Adagrad, AdamW, RowByRow

ROWS, WIDTH, RATE = 40, 3, 0.1
STEPS = [[5, 7, 5], [5, 39, 0], [7, 7, 7]]


def _gradients() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=(3, WIDTH)).astype("f4") for _ in STEPS]


def _trained(optimizer: RowByRow, clip: float | None) -> np.ndarray:
    table = keras.Variable(np.ones((ROWS, WIDTH), "f4"))
    layer = keras.Variable(np.zeros(2, "f4"))
    optimizer.build([table, layer])
    optimizer.clip(clip)
    for ids, values in zip(STEPS, _gradients(), strict=True):
        slices = tf.IndexedSlices(tf.constant(values), tf.constant(ids), tf.constant([ROWS, WIDTH]))
        optimizer.apply([slices, tf.constant([3.0, 4.0])], [table, layer])
    return np.asarray(table)


def _dense(clip: float | None) -> list[tuple[set[int], np.ndarray]]:
    """Of each step the touched rows, and the gradient of the whole table, clipped with that of the layer, [3, 4]."""
    steps = []
    for ids, values in zip(STEPS, _gradients(), strict=True):
        whole = np.zeros((ROWS, WIDTH))
        np.add.at(whole, ids, values)
        norm = np.sqrt((whole**2).sum() + 25)
        steps.append((set(ids), whole * (min(1, clip / norm) if clip else 1)))
    return steps


@pytest.mark.parametrize("clip", [None, 1.0])
def test_adagrad_is_as_if_the_whole_table_were_updated(clip: float | None) -> None:
    table, sums = np.ones((ROWS, WIDTH)), np.full((ROWS, WIDTH), 0.1)
    for _, gradient in _dense(clip):
        sums += gradient**2
        table -= RATE * gradient / np.sqrt(sums + 1e-7)
    np.testing.assert_allclose(_trained(Adagrad(RATE), clip), table, rtol=1e-5)


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adamw_leaves_untouched_rows_and_their_moments_alone(clip: float | None, decay: float) -> None:
    table, first, second = np.ones((ROWS, WIDTH)), np.zeros((ROWS, WIDTH)), np.zeros((ROWS, WIDTH))
    for step, (touched, gradient) in enumerate(_dense(clip), start=1):
        rows = sorted(touched)
        first[rows] = 0.9 * first[rows] + 0.1 * gradient[rows]
        second[rows] = 0.999 * second[rows] + 0.001 * gradient[rows] ** 2
        table[rows] *= 1 - RATE * decay
        corrected = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        table[rows] -= corrected * first[rows] / (np.sqrt(second[rows]) + 1e-7)
    trained = _trained(AdamW(RATE, weight_decay=decay), clip)
    np.testing.assert_allclose(trained, table, rtol=1e-4)
    assert (trained[1] == 1).all()


@pytest.mark.parametrize("loss", ["sampled_softmax", "gbce", "bpr", "in_batch"])
def test_a_step_over_a_large_catalogue_touches_few_rows(loss: str) -> None:
    words = ["dataset.users=60", "dataset.items=3000", "dataset.events_per_user=8", "model.width=4", f"loss={loss}"]
    negatives = [] if loss == "in_batch" else ["loss.negatives=20"]
    spec = recframe.compose([*words, *negatives, "model.history_length=8", "train.batch_size=32"])
    registries = recframe.load_plugins()
    data = load_data(spec, registries, lambda note: None)
    model = build_model(spec, registries, data.features, data.num_labels)
    # Every id of the vocabulary stands for an item; most of this small data's never occur.
    if data.num_labels < 300:
        pytest.skip("the catalogue came out too small to tell")
    before = np.asarray(model.table).copy()
    trainer = Trainer(spec, registries, SequenceExamples(data), model)
    trainer.per_call = 1
    batches = iter([next(trainer.batches(1))])
    trainer.batches = lambda epoch: batches  # type: ignore[method-assign,assignment]
    trainer.run_epoch(1)
    touched = (np.asarray(model.table) != before).any(axis=1).sum()
    assert 0 < touched <= 32 + 32 + 20
