"""The divergence from a teacher against a plain computation, and runs that have one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings, strategies as st

import recframe
from recframe.training import distillation
from recframe.training.distillation import divergence

TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6"]
TINY += ["train.batch_size=64", "evaluation.baselines=[]", "exporters=[]", "model.dropout=0"]


def _plain(vectors: tf.Tensor, table: tf.Tensor, own: np.ndarray, taught: np.ndarray, shares: np.ndarray) -> tf.Tensor:
    teacher = tf.nn.softmax(own @ taught[1:].T)
    student = tf.nn.log_softmax(tf.matmul(vectors, table[1:], transpose_b=True))
    return tf.reduce_sum(tf.reduce_sum(teacher * (tf.math.log(teacher) - student), axis=1) * shares)


@given(st.integers(1, 9), st.integers(2, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_value_and_gradients_equal_a_plain_computation(rows: int, labels: int, width: int, own: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers = [rng.normal(size=shape).astype(np.float32) for shape in ((rows, width), (labels, width), (rows, own))]
    taught = rng.normal(size=(labels, own)).astype(np.float32)
    shares = rng.integers(0, 3, rows).astype(np.float32) / 7
    vectors, table = tf.Variable(numbers[0]), tf.Variable(numbers[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distillation, "BLOCK", 4)
        with tf.GradientTape(persistent=True) as tape:
            ours = divergence(tf.identity(vectors), tf.identity(table), numbers[2], taught, tf.constant(shares))
            plain = _plain(vectors, table, numbers[2], taught, shares)
    assert float(ours) == pytest.approx(float(plain), rel=1e-4, abs=1e-5)
    for variable in (vectors, table):
        np.testing.assert_allclose(tape.gradient(ours, variable), tape.gradient(plain, variable), rtol=1e-3, atol=1e-5)


def test_a_student_with_the_teachers_scores_has_nothing_to_learn() -> None:
    vectors, table = tf.random.normal((5, 3), seed=1), tf.random.normal((9, 3), seed=2)
    assert float(divergence(vectors, table, vectors, table, tf.fill([5], 0.2))) == pytest.approx(0, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["windows", "positions"])
def test_a_student_comes_near_its_teacher(mode: str, tmp_path: Path) -> None:
    options = [*TINY, f"train.mode={mode}"]
    recframe.train(recframe.compose([*options, "model.width=16", "train.epochs=8"]), tmp_path / "teacher")
    student = [*options, "encoder=bow", "model.width=8", "train.epochs=12", "train.patience=12"]
    taught = [*student, f"train.teacher={tmp_path / 'teacher'}"]
    # The whole loss is the divergence.
    run = recframe.train(recframe.compose([*taught, "train.teacher_share=1"]))
    assert run.history[-1]["loss"] < 0.5 * run.history[0]["loss"]
    alone = recframe.train(recframe.compose(student))
    ignoring = recframe.train(recframe.compose([*taught, "train.teacher_share=0"]))
    np.testing.assert_allclose(ignoring.model.table.numpy(), alone.model.table.numpy(), atol=1e-4)


@pytest.mark.slow
def test_a_run_of_other_data_cannot_teach(tmp_path: Path) -> None:
    recframe.train(recframe.compose([*TINY, "train.epochs=0", "dataset.items=30"]), tmp_path / "teacher")
    spec = recframe.compose([*TINY, "train.epochs=1", f"train.teacher={tmp_path / 'teacher'}"])
    with pytest.raises(recframe.SpecError, match=r"train\.teacher: .*teacher: its items have other ids"):
        recframe.train(spec)
    with pytest.raises(recframe.SpecError, match=r"train\.teacher: .*not a run folder"):
        recframe.train(recframe.compose([*TINY, "train.teacher=nowhere"]))


@pytest.mark.slow
def test_a_teacher_that_reads_another_feature_is_refused(tmp_path: Path) -> None:
    genres = "groups.history.features.genres={type: strings, source: genres}"
    recframe.train(recframe.compose([*TINY, "train.epochs=0", genres]), tmp_path / "teacher")
    spec = recframe.compose([*TINY, "train.epochs=1", f"train.teacher={tmp_path / 'teacher'}"])
    with pytest.raises(recframe.SpecError, match="it reads feature 'genres', which this run lacks"):
        recframe.train(spec)


@pytest.mark.slow
def test_the_moment_of_asking_is_not_the_hour_of_a_step(tmp_path: Path) -> None:
    """Both are called `hour` and have the same ids, but a teacher would read them at another time."""
    asked, of_steps = (
        "groups.now={scope: now, features: {hour: {type: int}}}",
        "groups.history.features.hour={type: int}",
    )
    recframe.train(recframe.compose([*TINY, "train.epochs=1", of_steps]), tmp_path / "teacher")
    taught = [*TINY, "train.epochs=1", f"train.teacher={tmp_path / 'teacher'}"]
    with pytest.raises(recframe.SpecError, match="it reads feature 'hour', which this run lacks"):
        recframe.train(recframe.compose([*taught, asked]))
    assert recframe.train(recframe.compose([*taught, of_steps])).history
