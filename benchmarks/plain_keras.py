"""The same model as a user of Keras writes it: its own layers, windows in memory, and `fit`.

One embedding table for the history and the labels, dropout, the encoder, dense layers, and the scores of all items.
The optimizer and its clipping are recframe's defaults. Keras decides what it compiles.
"""

from __future__ import annotations

import attrs
import keras
import numpy as np
from keras import layers, ops

from benchmarks.tables import Row
from benchmarks.timing import Timed, timed
from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import TRAIN
from recframe.spec.experiment import ExperimentSpec


class NextItem(keras.Model):  # type: ignore[misc]
    """History int32 [batch, length] to scores float32 [batch, labels]; 0 is padding."""

    def __init__(self, encoder: str, labels: int, width: int, hidden: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        start = keras.initializers.RandomUniform(-0.05, 0.05)
        self.table = layers.Embedding(labels, width, embeddings_initializer=start)
        self.dropout = layers.Dropout(dropout)
        convolution = layers.Conv1D(4 * width, 4, padding="causal", activation="relu")
        self.convolution = convolution if encoder == "cnn" else None
        self.lstm = layers.LSTM(width) if encoder == "lstm" else None
        self.dense = [layers.Dense(size, activation="relu") for size in hidden]
        self.projection = layers.Dense(width)

    def call(self, history: object, training: bool = False) -> object:
        mask = ops.not_equal(history, 0)
        real = ops.expand_dims(ops.cast(mask, "float32"), -1)
        steps = self.dropout(self.table(history), training=training) * real
        if self.convolution is not None:
            vector = ops.max(self.convolution(steps) * real, axis=1)
        elif self.lstm is not None:
            vector = self.lstm(steps, mask=mask)
        else:
            vector = ops.sum(steps, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)
        for layer in self.dense:
            vector = layer(vector)
        vector = self.projection(self.dropout(vector, training=training))
        return ops.matmul(vector, ops.transpose(self.table.embeddings))


def compiled(spec: ExperimentSpec, labels: int) -> keras.Model:
    """The model of a spec, ready for `fit`."""
    keras.utils.set_random_seed(spec.seed)
    model = NextItem(spec.encoder.type, labels, spec.model.width, spec.model.hidden_layer_dims, spec.model.dropout)
    rate, clip = spec.train.learning_rate, spec.train.gradient_clip_norm or None
    optimizer = (
        keras.optimizers.Adagrad(rate, global_clipnorm=clip)
        if spec.train.optimizer.startswith("adagrad")
        else keras.optimizers.AdamW(rate, weight_decay=spec.train.weight_decay, global_clipnorm=clip)
    )
    model.compile(optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def windows(data: PreparedData, limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The histories of training targets, int32 [targets, length], and their labels; of `limit` targets at most."""
    targets = np.random.default_rng(0).permutation(data.targets(TRAIN))[:limit]
    return next(iter(histories(data, targets).values())), data.labels[targets]


def fit_time(spec: ExperimentSpec, labels: int, inputs: np.ndarray, targets: np.ndarray, repeats: int) -> Timed:
    """What a window takes in `fit`; the first epoch, which compiles, is left out."""
    model, size = compiled(spec, labels), spec.train.batch_size
    return timed(lambda: model.fit(inputs, targets, batch_size=size, epochs=1, verbose=0), repeats, units=len(targets))


def keras_row(beside: Row, spec: ExperimentSpec, data: PreparedData, limit: int, repeats: int) -> Row:
    """Keras's `fit` on some windows of the data, in the unit of the row that it stands beside."""
    inputs, labels = windows(data, limit)
    times = len(data.targets(TRAIN)) if beside.unit == "epoch" else 1
    time = fit_time(spec, data.num_labels, inputs, labels, repeats).times(times)
    return comparison(beside, time, f"Keras `fit` on {len(labels):,} of its windows")


def comparison(beside: Row, time: Timed, work: str) -> Row:
    """A row with the same work done by something else."""
    factor = f"{time.cpu.median / beside.time.cpu.median:.1f} times the CPU of the row above"
    return attrs.evolve(beside, work=work, time=time, bound=None, parts={}, remarks=(factor,))
