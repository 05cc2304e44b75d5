"""The training loop. One XLA-compiled call runs many steps, so that Python costs almost nothing."""

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
from recframe.training.distillation import Teacher
from recframe.training.optimizers import build_optimizer
from recframe.training.progress import Progress

#: Operations for each weight and position in the forward and backward pass.
OPERATIONS = 6
#: Operations in a compiled call. They take some tenths of a second on a laptop; progress is reported after each call.
CALL_OPERATIONS = 1e10
#: The largest number of steps in a call: more save no time, and their batches need memory.
CALL_STEPS = 256


def uses_positions(spec: ExperimentSpec, model: DualEncoder) -> bool:
    """Whether training predicts all positions of a sequence in one pass.

    Raises:
        SpecError: The spec asks for `positions`, or for an option of these, but an encoder is not causal.
    """
    if spec.train.mode == "positions" and not model.causal:
        names = ", ".join(name for name, causal in model.group_causal.items() if not causal)
        raise SpecError(
            f"train.mode: `positions` needs causal encoders, but the encoder of group {names} is not causal; use "
            "`windows`"
        )
    positions = spec.train.mode != "windows" and model.causal
    if spec.train.history_length is not None and not positions:
        raise SpecError("train.history_length: only training on positions has it, but this run trains on windows")
    return positions


class Trainer:
    """Holds the optimizer and the compiled step. Call `run_epoch` as often as needed."""

    def __init__(
        self,
        spec: ExperimentSpec,
        registries: Registries,
        examples: Examples,
        model: DualEncoder,
        teacher: Teacher | None = None,
    ) -> None:
        self.spec, self.examples, self.model, self.teacher = spec, examples, model, teacher
        self.positions = uses_positions(spec, model)
        self.layout: Layout = "windows" if not self.positions else "packed" if model.can_pack else "positions"
        context = LossContext(examples.label_counts, spec.model.width, self._step_seed)
        kind, labels = registries.losses[spec.loss.type], model.table.shape[0]
        self.loss = kind.build(spec.loss.options, context)
        #: The number of labels that each target is compared with.
        self.compared = min(kind.compared(spec.loss.options, labels, spec.train.batch_size), labels)
        self.steps = examples.steps(spec.train.batch_size, self.layout)
        self.optimizer = build_optimizer(spec.train, model, self.steps, all_rows=self.compared == labels)
        self.per_call = min(spec.train.steps_per_call or self._short_call(), self.steps)
        # AutoGraph would parse all of Keras's source, which takes longer than an epoch on a small dataset.
        self._call = tf.function(self._many_steps, jit_compile=True, autograph=False)

    @property
    def operations(self) -> float:
        """About how many operations a step has: weights times positions, and compared labels times targets."""
        width, size = self.spec.model.width, self.spec.train.batch_size
        length = self.spec.train.history_length or self.spec.model.history_length
        layers = (*self.model.encoder_layers.values(), *self.model.hidden, self.model.projection)
        others = sum(layer.count_params() for layer in layers)
        targets = max(size, length) if self.positions else size
        steps = targets if self.positions else size * length
        return float(OPERATIONS * (targets * self.compared * width + steps * others))

    def _short_call(self) -> int:
        """Steps in a call: enough that Python costs almost nothing, few enough to report and to stop often."""
        return max(1, min(CALL_STEPS, int(CALL_OPERATIONS / self.operations)))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch, the same for the same seed."""
        rng = np.random.default_rng((self.spec.seed, epoch))
        return self.examples.batches(self.spec.train.batch_size, self.layout, rng)

    def run_epoch(
        self, epoch: int, report: Callable[[Progress], None] = lambda progress: None, last: Progress | None = None
    ) -> tuple[float, int]:
        """Train on every target once; returns the mean loss and the number of targets.

        Args:
            report: Is called after each compiled call.
            last: The position from which the epoch continues. The model and the optimizer must have the variables of
                that moment. None to start from the beginning.

        Raises:
            FloatingPointError: The loss is not finite.
        """
        start = time.perf_counter() - (last.seconds if last else 0.0)
        total, examples, step = (last.total, last.examples, last.step) if last else (0.0, 0, 0)
        batches = itertools.islice(self.batches(epoch), step, None)
        while group := list(itertools.islice(batches, self.per_call)):
            count = len(group)
            group += [group[-1]] * (self.per_call - count)  # the compiled loop stops at `count`, before these
            loss = float(self._call(_stacked(group), tf.constant(count)))
            if not np.isfinite(loss):
                raise FloatingPointError(f"the loss is {loss} in epoch {epoch}: lower train.learning_rate")
            step += count
            total, examples = total + loss, examples + sum(int(batch.weights.sum()) for batch in group[:count])
            seconds = time.perf_counter() - start
            report(Progress(epoch, step, self.steps, total / max(examples, 1), total, examples, seconds))
        return total / max(examples, 1), examples

    def _many_steps(self, batches: dict[str, Any], count: tf.Tensor) -> tf.Tensor:
        """Run `count` optimizer steps over stacked batches; returns the sum of the losses of all targets."""

        def step(i: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            batch = Batch(**tf.nest.map_structure(lambda values: values[i], batches))
            variables = self.model.trainable_variables
            # The optimizer counts steps over calls and epochs, so each step has its own dropout pattern.
            step_number = tf.cast(tf.convert_to_tensor(self.optimizer.iterations), tf.uint32)
            seed = step_number * 2_654_435_761 + tf.constant(self.spec.seed % 2**32, tf.uint32)
            with tf.GradientTape() as tape:
                vectors = self._vectors(self.model, batch, seed)
                table = tf.convert_to_tensor(self.model.table)
                loss = self.loss(vectors, table, batch.labels, batch.weights)
                if self.teacher is not None:
                    own = tf.stop_gradient(self._vectors(self.teacher.model, batch, None))
                    loss = self.teacher.blend(loss, vectors, table, own, batch)
                # What regularisers and `add_loss` of any layer ask for; it is not part of the loss that is reported.
                penalties = self.model.losses
                minimised = tf.add_n([loss, *penalties]) if penalties else loss
            gradients = tape.gradient(minimised, [variable.value for variable in variables])
            self.optimizer.apply(gradients, variables)
            return i + 1, total + loss * tf.reduce_sum(batch.weights)

        return tf.while_loop(lambda i, total: i < count, step, (tf.constant(0), tf.constant(0.0)))[1]

    def _step_seed(self) -> tf.Tensor:
        """int32 [2]: the optimizer's step count and the spec's seed."""
        step = tf.cast(tf.convert_to_tensor(self.optimizer.iterations), tf.int32)
        return tf.stack([step, tf.constant(self.spec.seed % 2**31, tf.int32)])

    def _vectors(self, model: DualEncoder, batch: Batch, seed: tf.Tensor | None) -> tf.Tensor:
        """float32 [targets, width]: the history's vector for each target; without a seed, as in serving."""
        if not self.positions:
            return model(batch.features) if seed is None else model.training_vectors(batch.features, seed)
        vectors = model.position_vectors(batch.features, batch.segments, seed)
        return tf.gather(tf.reshape(vectors, [-1, model.spec.model.width]), batch.places)


def _stacked(batches: Sequence[Batch]) -> dict[str, Any]:
    """Stack the arrays of the batches along a new first dimension, by name."""
    arrays = [attrs.asdict(batch, recurse=False, filter=lambda _, value: value is not None) for batch in batches]
    stacked: dict[str, Any] = tf.nest.map_structure(lambda *values: np.stack(values), *arrays)
    return stacked
