"""Times forms of the recurrence in LiteRT, on one thread: `python benchmarks/phone_forms.py`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from recframe_lru.recurrence import by_doubling

LENGTH, UNITS, CALLS = 50, 64, 500


def unrolled(inputs: tf.Tensor, decays: tf.Tensor) -> tf.Tensor:
    state, states = tf.zeros([1, UNITS]), []
    for t in range(LENGTH):
        state = decays * state + inputs[:, t]
        states.append(state)
    return tf.stack(states, axis=1)


def loop(inputs: tf.Tensor, decays: tf.Tensor) -> tf.Tensor:
    def step(t: tf.Tensor, state: tf.Tensor, states: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        state = decays * state + tf.gather(inputs, t, axis=1)
        return t + 1, state, tf.tensor_scatter_nd_update(states, [[t]], state)

    first = (tf.constant(0), tf.zeros([1, UNITS]), tf.zeros([LENGTH, UNITS]))
    return tf.while_loop(lambda t, *_: t < LENGTH, step, first)[2][None]


def kernel(inputs: tf.Tensor, decays: tf.Tensor) -> tf.Tensor:
    apart = np.arange(LENGTH)[:, None] - np.arange(LENGTH)[None]
    powers = np.where(apart >= 0, np.asarray(decays)[:, None, None] ** np.maximum(apart, 0), 0)
    return tf.transpose(tf.matmul(tf.constant(powers, tf.float32), tf.transpose(inputs, [2, 1, 0])), [2, 1, 0])


def measured(form: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> tuple[float, int]:
    """CPU of a call in microseconds, the median, and the bytes of the file."""
    decays = tf.constant(np.exp(-1 / np.geomspace(2, LENGTH, UNITS)), tf.float32)
    function = tf.function(lambda inputs: form(inputs, decays), autograph=False)
    concrete = function.get_concrete_function(tf.TensorSpec((1, LENGTH, UNITS)))
    content = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
    model, taken = Interpreter(model_content=content, num_threads=1), []
    model.allocate_tensors()
    for _ in range(CALLS):
        start = time.thread_time_ns()
        model.invoke()
        taken.append(time.thread_time_ns() - start)
    return float(np.median(taken)) / 1e3, len(content)


if __name__ == "__main__":
    for form in (by_doubling, unrolled, loop, kernel):
        took, size = measured(form)
        sys.stdout.write(f"{form.__name__:12} {took:6.1f} us  {size:9,} bytes\n")
