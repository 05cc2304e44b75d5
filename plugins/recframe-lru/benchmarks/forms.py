"""Times forms of the recurrence, forward and backward, in rows of a training step: `python benchmarks/forms.py`."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from recframe_lru.recurrence import over_time

UNITS, STEPS, REPEATS = 64, 1_000, 20
Form = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def loop(inputs: tf.Tensor, decays: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """What the plugin trains with."""
    by_step = tf.transpose(begins)[..., None]
    states = over_time(tf.transpose(inputs, [1, 0, 2]), decays, tf.ones_like(by_step), by_step)
    return tf.transpose(states, [1, 0, 2])


def doubling(inputs: tf.Tensor, decays: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """`h += decay^(2^k) * shifted(h, 2^k)`, where the shifted step is of the same history."""
    history = tf.cumsum(tf.cast(begins, tf.int32), axis=1)
    length, shift = inputs.shape[1], 1
    while shift < length:
        before = tf.pad(inputs[:, : length - shift], [[0, 0], [shift, 0], [0, 0]])
        same = tf.pad(history[:, : length - shift], [[0, 0], [shift, 0]]) == history
        inputs += tf.where(same[..., None], decays * before, 0.0)
        decays, shift = decays * decays, 2 * shift
    return inputs


def kernel_of(decays: tf.Tensor, length: int) -> tf.Tensor:
    """float32 [length, length, units]: decay^(i-j) for i >= j."""
    apart = tf.range(length)[:, None] - tf.range(length)[None]
    powers = tf.exp(tf.cast(tf.maximum(apart, 0), tf.float32)[..., None] * tf.math.log(decays))
    return tf.where((apart >= 0)[..., None], powers, 0.0)


def kernel(inputs: tf.Tensor, decays: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """A product with the whole kernel. It takes each row for one history."""
    return tf.einsum("tiu,biu->btu", kernel_of(decays, inputs.shape[1]), inputs)


def chunks(inputs: tf.Tensor, decays: tf.Tensor, begins: tf.Tensor, size: int = 10) -> tf.Tensor:
    """Products within chunks, and a state between them. It takes each row for one history."""
    rows, length, units = inputs.shape
    inner = tf.einsum(
        "tiu,bniu->bntu", kernel_of(decays, size), tf.reshape(inputs, [rows, length // size, size, units])
    )
    faded = tf.exp(tf.range(1.0, size + 1.0)[:, None] * tf.math.log(decays))
    state, chunk_states = tf.zeros([rows, units]), []
    for chunk in range(length // size):
        chunk_states.append(inner[:, chunk] + faded * state[:, None])
        state = chunk_states[-1][:, -1]
    return tf.concat(chunk_states, axis=1)


def milliseconds(form: Form, length: int) -> float:
    """CPU time of one forward and backward pass, the best of five."""
    rng = np.random.default_rng(0)
    shape = (STEPS // length, length, UNITS)
    inputs, upstream = (tf.constant(rng.normal(size=shape), tf.float32) for _ in range(2))
    begins = tf.constant((rng.random(shape[:2]) < 0.05) | (np.arange(length) == 0))
    decays = tf.exp(-1.0 / tf.exp(tf.cast(tf.linspace(np.log(2.0), np.log(length), UNITS), tf.float32)))

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def passes(count: tf.Tensor, inputs: tf.Tensor, upstream: tf.Tensor, decays: tf.Tensor) -> tf.Tensor:
        def one(i: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            # Each pass depends on the one before, so that none is computed once for all.
            values, factors = inputs + 1e-9 * total, upstream + 1e-9 * total
            with tf.GradientTape() as tape:
                tape.watch([values, decays])
                states = form(values, decays, begins)
            gradients = tape.gradient(states, [values, decays], factors)
            return i + 1, tf.add_n([total, tf.reduce_mean(states), *map(tf.reduce_mean, gradients)])

        return tf.while_loop(lambda i, total: i < count, one, (tf.constant(0), tf.constant(0.0)))[1]

    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    arguments, taken = (inputs, upstream, decays), []
    float(passes(tf.constant(1), *arguments))
    for _ in range(5):
        start = cpu()
        float(passes(tf.constant(REPEATS), *arguments))
        taken.append(cpu() - start)
    return min(taken) / REPEATS * 1e3


if __name__ == "__main__":
    for form in (loop, doubling, chunks, kernel):
        times = "  ".join(f"rows of {length}: {milliseconds(form, length):6.2f} ms" for length in (50, 100, 200))
        sys.stdout.write(f"{form.__name__:9} {times}\n")
