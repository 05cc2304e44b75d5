"""The training loop: many steps in one XLA-compiled call, so that Python costs nothing and the logits stay in cache."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import numpy as np
import tensorflow as tf

from recframe.data.sequences import Batch, Examples, Layout
from recframe.errors import SpecError
from recframe.model.dual_encoder import DualEncoder
from recframe.plugin.registry import Registries
from recframe.plugin.types import LossContext
from recframe.spec.experiment import ExperimentSpec
from recframe.training.optimizers import build_optimizer
from recframe.training.progress import Progress

#: Operations for each weight and position, there and back.
OPERATIONS = 6
#: Operations of a compiled call, some tenths of a second on a laptop: the progress is reported after each call.
CALL_OPERATIONS = 1e10
#: Steps of a call at most: more save no time, and their batches take memory.
CALL_STEPS = 256


def uses_positions(spec: ExperimentSpec, model: DualEncoder) -> bool:
    """Whether training predicts every position of a sequence at once.

    Raises:
        SpecError: where `positions` is asked of an encoder that looks ahead.
    """
    if spec.train.mode == "positions" and not model.causal:
        named = ", ".join(name for name, causal in model.group_causal.items() if not causal)
        raise SpecError(f"train.mode: positions needs causal encoders, but that of group {named} is not; use windows")
    return spec.train.mode != "windows" and model.causal


class Trainer:
    """Holds the optimizer and the compiled step. `run_epoch` may be called any number of times."""

    def __init__(self, spec: ExperimentSpec, registries: Registries, examples: Examples, model: DualEncoder) -> None:
        self.spec, self.examples, self.model = spec, examples, model
        self.positions = uses_positions(spec, model)
        self.layout: Layout = "windows" if not self.positions else "packed" if model.can_pack else "positions"
        context = LossContext(examples.label_counts, spec.model.width, self._step_seed)
        kind, labels = registries.losses[spec.loss.type], model.table.shape[0]
        self.loss = kind.build(spec.loss.options, context)
        #: Labels that each target is compared with.
        self.compared = min(kind.compared(spec.loss.options, labels, spec.train.batch_size), labels)
        self.optimizer = build_optimizer(spec.train, model)
        self.steps = examples.steps(spec.train.batch_size, self.layout)
        self.per_call = min(spec.train.steps_per_call or self._short_call(), self.steps)
        # Without AutoGraph: it reads all of Keras's source, which takes longer than an epoch on little data.
        self._call = tf.function(self._many_steps, jit_compile=True, autograph=False)

    @property
    def operations(self) -> float:
        """About how many a step takes: each weight meets each position, and each compared label each target."""
        width, (size, length) = self.spec.model.width, (self.spec.train.batch_size, self.spec.model.history_length)
        layers = (*self.model.encoder_layers.values(), *self.model.hidden, self.model.projection)
        others = sum(layer.count_params() for layer in layers)
        targets = max(size, length) if self.positions else size
        steps = targets if self.positions else size * length
        return float(OPERATIONS * (targets * self.compared * width + steps * others))

    def _short_call(self) -> int:
        """Steps of a call that is long enough for Python to cost nothing, and short enough to report and to stop."""
        return max(1, min(CALL_STEPS, int(CALL_OPERATIONS / self.operations)))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch, the same for the same seed."""
        rng = np.random.default_rng((self.spec.seed, epoch))
        return self.examples.batches(self.spec.train.batch_size, self.layout, rng)

    def run_epoch(
        self, epoch: int, tell: Callable[[Progress], None] = lambda progress: None, last: Progress | None = None
    ) -> tuple[float, int]:
        """Train on every target once; returns the mean loss and the number of targets.

        Args:
            last: Where the epoch goes on, with the variables that the model and the optimizer had then.

        Raises:
            FloatingPointError: where the loss is no longer finite.
        """
        start = time.perf_counter() - (last.seconds if last else 0.0)
        total, examples, step = (last.total, last.examples, last.step) if last else (0.0, 0, 0)
        batches = itertools.islice(self.batches(epoch), step, None)
        while group := list(itertools.islice(batches, self.per_call)):
            count = len(group)
            group += [group[-1]] * (self.per_call - count)  # never run: the compiled loop stops at `count`
            loss = float(self._call(_stacked(group), tf.constant(count)))
            if not np.isfinite(loss):
                raise FloatingPointError(f"the loss is {loss} in epoch {epoch}: lower train.learning_rate")
            step += count
            total, examples = total + loss, examples + sum(int(batch.weights.sum()) for batch in group[:count])
            seconds = time.perf_counter() - start
            tell(Progress(epoch, step, self.steps, total / max(examples, 1), total, examples, seconds))
        return total / max(examples, 1), examples

    def _many_steps(self, batches: dict[str, Any], count: tf.Tensor) -> tf.Tensor:
        """`count` optimizer steps over stacked batches; returns the sum of the losses of all targets."""

        def step(i: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            batch = Batch(**tf.nest.map_structure(lambda values: values[i], batches))
            variables = self.model.trainable_variables
            # The optimizer's count of steps gives each step its own pattern, and goes on over calls and epochs.
            step_number = tf.cast(tf.convert_to_tensor(self.optimizer.iterations), tf.uint32)
            seed = step_number * 2_654_435_761 + tf.constant(self.spec.seed % 2**32, tf.uint32)
            with tf.GradientTape() as tape:
                vectors = self._vectors(batch, seed)
                table = tf.convert_to_tensor(self.model.table)
                loss = self.loss(vectors, table, batch.labels, batch.weights)
                # What regularisers and `add_loss` of any layer ask for; it is not part of the loss that is reported.
                penalties = self.model.losses
                minimised = tf.add_n([loss, *penalties]) if penalties else loss
            gradients = tape.gradient(minimised, [variable.value for variable in variables])
            self.optimizer.apply(gradients, variables)
            return i + 1, total + loss * tf.reduce_sum(batch.weights)

        return tf.while_loop(lambda i, total: i < count, step, (tf.constant(0), tf.constant(0.0)))[1]

    def _step_seed(self) -> tf.Tensor:
        """int32 [2]: the optimizer's count of steps and the experiment's seed."""
        step = tf.cast(tf.convert_to_tensor(self.optimizer.iterations), tf.int32)
        return tf.stack([step, tf.constant(self.spec.seed % 2**31, tf.int32)])

    def _vectors(self, batch: Batch, seed: tf.Tensor) -> tf.Tensor:
        """float32 [targets, width]: what predicts each target."""
        if not self.positions:
            return self.model.training_vectors(batch.features, seed)
        vectors = self.model.position_vectors(batch.features, batch.segments, seed)
        return tf.gather(tf.reshape(vectors, [-1, self.spec.model.width]), batch.places)


def _stacked(batches: Sequence[Batch]) -> dict[str, Any]:
    """The arrays of batches by name, with one more dimension."""
    arrays = [attrs.asdict(batch, recurse=False, filter=lambda _, value: value is not None) for batch in batches]
    stacked: dict[str, Any] = tf.nest.map_structure(lambda *values: np.stack(values), *arrays)
    return stacked
