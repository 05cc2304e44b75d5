"""Computes a lower bound of the memory that a run needs, so that a run that cannot fit is refused at the start.

It counts only what is certain, so that no run is refused by mistake: the tables of the items, the activations of one
step, and the vocabulary. The weights of encoders, the data, and TensorFlow itself need more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from recframe.errors import SpecError
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.process.memory import free_memory, gigabytes
from recframe.spec.experiment import ExperimentSpec, FeatureSpec

FLOAT = 4  # bytes
#: Copies of each weight in training: the weight, its gradient, and the best weights, in memory and while they are
#: written to disk. The optimizer keeps further copies.
COPIES, OPTIMIZER_COPIES = 4, {"adamw": 2}
#: Bytes per label in vocabularies and look-up tables: the text of its id, and its entries in lists and arrays.
LABEL = 150
#: Arrays of [rows, length, width] in a training step: the steps, the encoder's output, and the gradients of both.
ACTIVATIONS = 4
#: The same in evaluation, which has no gradients.
EVALUATION_ARRAYS = 2
#: Rows of scores that the softmax computes at once, and the number of such arrays.
SOFTMAX_ROWS, SCORE_ARRAYS = 128, 2
#: A run that needs at least this many bytes gets a note even if there is enough memory.
WORTH_TELLING = 1e9


def require_memory(
    spec: ExperimentSpec, registries: Registries, data: Interactions, say: Callable[[str], None]
) -> None:
    """Check that there is enough memory, and tell how much a large run needs.

    Raises:
        SpecError: The run needs more memory than is free. The message has the largest parts.
    """
    parts = memory_needed(spec, registries, data.num_items + 1)
    need, free = sum(parts.values()), free_memory()
    if free is not None and need > free:
        listed = ", ".join(f"{gigabytes(size)} for {name}" for name, size in _by_size(parts) if size > need / 20)
        raise SpecError(
            f"this run needs at least {gigabytes(need)} of memory, but {gigabytes(free)} are free: {listed}; reduce "
            "these options"
        )
    if need > WORTH_TELLING:
        there = f"; {gigabytes(free)} are free" if free is not None else ""
        say(f"this run needs at least {gigabytes(need)} of memory{there}")


def memory_needed(spec: ExperimentSpec, registries: Registries, items: int) -> dict[str, int]:
    """The bytes for each purpose.

    Args:
        items: The number of items in the data, plus one for padding.
    """
    labels, width = spec.label.vocab_size or items, spec.model.width
    copies = COPIES + OPTIMIZER_COPIES.get(spec.train.optimizer, 1) if spec.train.epochs else 1
    weights = labels * width + _tables(spec, labels) + _dense(spec)
    rows = _rows(spec, registries)
    steps = rows * _training_length(spec)
    scored = rows * _training_length(spec) if _positions(spec, registries) else rows
    compared = min(registries.losses[spec.loss.type].compared(spec.loss.options, labels, scored), labels)
    # The full softmax scores all labels for a block of targets; other losses score a few labels for all targets.
    scores = (min(scored, SOFTMAX_ROWS) if compared == labels else scored) * compared * SCORE_ARRAYS
    trained = spec.train.epochs > 0
    option = "label.vocab_size" if spec.label.vocab_size else "the catalogue"
    return {
        f"the weights ({option}, model.width, hidden_layer_dims)": weights * copies * FLOAT,
        f"the vocabulary ({option})": labels * LABEL,
        "a step of training (train.batch_size, model.history_length, model.width)": trained
        * (steps * width * ACTIVATIONS + scores)
        * FLOAT,
        "the batches of a call (train.steps_per_call, train.batch_size)": trained
        * ((spec.train.steps_per_call or 1) * steps * max(1, len(_features(spec))) * FLOAT),
        "evaluation (evaluation.batch_size, model.history_length, model.width)": spec.evaluation.batch_size
        * spec.model.history_length
        * width
        * EVALUATION_ARRAYS
        * FLOAT,
    }


def _by_size(parts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(parts.items(), key=lambda part: -part[1])


def _features(spec: ExperimentSpec) -> list[FeatureSpec]:
    return [feature for group in spec.groups.values() for feature in group.features.values()]


def _tables(spec: ExperimentSpec, labels: int) -> int:
    """The number of values in embedding tables of known size: those of the items, and those with a declared size."""
    total = 0
    for feature in _features(spec):
        options, of_items = feature.options, feature.source == "item"
        dim = getattr(options, "embedding_dim", None) or spec.model.width
        declared = (getattr(options, name, None) or 0 for name in ("vocab_size", "hash_buckets"))
        # With tied embeddings, the items share the table of the labels.
        size = 0 if of_items and spec.model.tie_embeddings else labels if of_items else 0
        total += max(size, *declared) * dim
    return total


def _dense(spec: ExperimentSpec) -> int:
    widths = [spec.model.width, *spec.model.hidden_layer_dims, spec.model.width]
    return sum(before * after for before, after in pairwise(widths))


def _positions(spec: ExperimentSpec, registries: Registries) -> bool:
    """Whether training will probably use positions, judged by the encoders and groups only."""
    causal = (registries.encoders[encoder.type].causal(encoder.options) for encoder in spec.encoders.values())
    return spec.train.mode != "windows" and all(causal) and "user" not in spec.scopes.values()


def _training_length(spec: ExperimentSpec) -> int:
    return spec.train.history_length or spec.model.history_length


def _rows(spec: ExperimentSpec, registries: Registries) -> int:
    """Histories in a training step."""
    size = spec.train.batch_size
    return max(1, size // _training_length(spec)) if _positions(spec, registries) else size
