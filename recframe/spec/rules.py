"""Rules between several options of an experiment, which no option can check alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recframe.spec.experiment import GroupSpec, ModelSpec
from recframe.spec.structure import Problems
from recframe.spec.train import TrainSpec


def check_training_length(train: TrainSpec, model: ModelSpec, problems: Problems) -> None:
    if train.history_length is not None and train.history_length < model.history_length:
        problems.add(
            ("train", "history_length"),
            f"{train.history_length} is less than model.history_length, which is {model.history_length}; make it at "
            "least as long, or leave it out",
        )


def check_lengths(groups: Mapping[str, GroupSpec], default: int, problems: Problems) -> None:
    """The features of a group are concatenated at each step, so they need the same number of steps."""
    for name, group in groups.items():
        own = default if group.scope == "history" else 1
        lengths = {key: feature.length or own for key, feature in group.features.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{key} has {length}" for key, length in lengths.items())
            problems.add(
                ("groups", name, "features"),
                f"the features of a group need one length: {listed}; set `length`, or move one to a group of its own",
            )


def moment_faults(source: str, length: int | None) -> Iterator[tuple[str, str]]:
    """What is wrong with a feature of the moment of asking, as the option and a message.

    Only the time is known of a moment, and it has one value of each source.
    """
    from recframe.runtime.encoding import TIME_SOURCES  # needs NumPy, which reading a spec does not

    if source not in TIME_SOURCES:
        known = ", ".join(TIME_SOURCES)
        yield (
            "source",
            f"{source!r} is not known of the moment of asking; use {known}, or move the feature to a group of another "
            "scope",
        )
    if length not in (None, 1):
        yield "length", f"{length}, but a moment has one value; leave it out"
