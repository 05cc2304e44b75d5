"""The memory that a run needs at least, known before anything is allocated: a run that cannot fit is refused.

Only what is certain is counted, so that nothing is refused that would have worked: the tables of the items, one step's
activations, and the vocabulary. An encoder's own weights, the data, and what TensorFlow takes for itself come on top.
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
#: Copies of each weight while it is trained: itself, its gradient, and the best of all epochs in memory and on the way
#: to the disk; and what the optimizer keeps.
COPIES, OPTIMIZER_COPIES = 4, {"adamw": 2}
#: Bytes of a label in vocabularies and look-ups: the text of its id, and its places in lists and arrays.
LABEL = 150
#: Arrays of [rows, length, width] in a step: the steps, what the encoder makes of them, and the gradients of both.
ACTIVATIONS = 4
#: The same where a model is only asked.
ARRAYS_ASKED = 2
#: Rows of scores that the softmax makes at once, and how many arrays of them there are.
SOFTMAX_ROWS, SCORE_ARRAYS = 128, 2
#: A need of at least so many bytes is reported even if there is enough.
WORTH_TELLING = 1e9


def require_memory(
    spec: ExperimentSpec, registries: Registries, data: Interactions, say: Callable[[str], None]
) -> None:
    """Tell what a large run needs.

    Raises:
        SpecError: where that is more than there is, with what it is for.
    """
    parts = memory_needed(spec, registries, data.num_items + 1)
    need, free = sum(parts.values()), free_memory()
    if free is not None and need > free:
        listed = ", ".join(f"{gigabytes(size)} for {name}" for name, size in _by_size(parts) if size > need / 20)
        raise SpecError(
            f"this run needs at least {gigabytes(need)} of memory, and {gigabytes(free)} are free: {listed}; make the "
            "named options smaller"
        )
    if need > WORTH_TELLING:
        there = f"; {gigabytes(free)} are free" if free is not None else ""
        say(f"this run needs at least {gigabytes(need)} of memory{there}")


def memory_needed(spec: ExperimentSpec, registries: Registries, items: int) -> dict[str, int]:
    """Bytes by what they are for.

    Args:
        items: Items of the data, and one for padding.
    """
    labels, width = spec.label.vocab_size or items, spec.model.width
    copies = COPIES + OPTIMIZER_COPIES.get(spec.train.optimizer, 1) if spec.train.epochs else 1
    weights = labels * width + _tables(spec, labels) + _dense(spec)
    rows = _rows(spec, registries)
    steps = rows * spec.model.history_length
    scored = rows * spec.model.history_length if _positions(spec, registries) else rows
    compared = min(registries.losses[spec.loss.type].compared(spec.loss.options, labels, scored), labels)
    # All labels are scored for some targets at a time, a few labels for all targets at once.
    scores = (min(scored, SOFTMAX_ROWS) if compared == labels else scored) * compared * SCORE_ARRAYS
    trained = spec.train.epochs > 0
    asked = "label.vocab_size" if spec.label.vocab_size else "the catalogue"
    return {
        f"the weights ({asked}, model.width, hidden_layer_dims)": weights * copies * FLOAT,
        f"the vocabulary ({asked})": labels * LABEL,
        "a step of training (train.batch_size, model.history_length, model.width)": trained
        * (steps * width * ACTIVATIONS + scores)
        * FLOAT,
        "the batches of a call (train.steps_per_call, train.batch_size)": trained
        * ((spec.train.steps_per_call or 1) * steps * max(1, len(_features(spec))) * FLOAT),
        "evaluation (evaluation.batch_size, model.history_length, model.width)": spec.evaluation.batch_size
        * spec.model.history_length
        * width
        * ARRAYS_ASKED
        * FLOAT,
    }


def _by_size(parts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(parts.items(), key=lambda part: -part[1])


def _features(spec: ExperimentSpec) -> list[FeatureSpec]:
    return [feature for group in spec.groups.values() for feature in group.features.values()]


def _tables(spec: ExperimentSpec, labels: int) -> int:
    """Numbers in the tables of features whose size is known: of the items, and declared ones."""
    total = 0
    for feature in _features(spec):
        options, of_items = feature.options, feature.source == "item"
        dim = getattr(options, "embedding_dim", None) or spec.model.width
        declared = (getattr(options, name, None) or 0 for name in ("vocab_size", "hash_buckets"))
        # The items' own table is that of the labels where embeddings are tied.
        size = 0 if of_items and spec.model.tie_embeddings else labels if of_items else 0
        total += max(size, *declared) * dim
    return total


def _dense(spec: ExperimentSpec) -> int:
    widths = [spec.model.width, *spec.model.hidden_layer_dims, spec.model.width]
    return sum(before * after for before, after in pairwise(widths))


def _positions(spec: ExperimentSpec, registries: Registries) -> bool:
    """Whether training takes every position of a sequence at once, as far as encoders and groups say it now."""
    causal = (registries.encoders[group.encoder.type].causal(group.encoder.options) for group in spec.groups.values())
    return spec.train.mode != "windows" and all(causal) and all(g.scope == "history" for g in spec.groups.values())


def _rows(spec: ExperimentSpec, registries: Registries) -> int:
    """Histories in a step of training."""
    size = spec.train.batch_size
    return max(1, size // spec.model.history_length) if _positions(spec, registries) else size
