"""What must be equal to resume a stopped run: the spec, the versions, and the data."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN
from recframe.plugin.registry import Registries
from recframe.plugin.used import EXPORTER, providers
from recframe.process.version import own_version
from recframe.spec.convert import unstructure
from recframe.spec.experiment import ExperimentSpec
from recframe.training.training_state import TrainingState

#: Options that do not affect completed epochs. They may change when a run is resumed.
_FREE = ("evaluation", "export", "exporters", "train.tensorboard")
_LIBRARIES = ("tensorflow", "keras", "numpy")
_NOWHERE = "nothing"


def identity_of(spec: ExperimentSpec, registries: Registries, data: PreparedData, origin: Path) -> dict[str, Any]:
    """The identity of a run, for its training state.

    Args:
        origin: The folder that the spec's relative paths refer to.
    """
    return {
        "spec": unstructure(spec),
        "versions": versions(spec, registries),
        "data": data_figures(data),
        "started_in": str(origin),
    }


def versions(spec: ExperimentSpec, registries: Registries) -> dict[str, str]:
    """The versions of recframe, of the numeric libraries, and of the plugins that the spec uses for training."""
    sources = {
        f"the plugin of {kind} {name!r}": str(provider)
        for (kind, name), provider in providers(spec, registries).items()
        if kind != EXPORTER
    }
    libraries = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {"recframe": own_version(), **libraries, **sources}


def data_figures(data: PreparedData) -> dict[str, int | str]:
    """Counts, and a digest of everything that the model reads."""
    events = data.sha256()
    digest = hashlib.sha256(events.encode())
    for name, feature in data.features.items():
        digest.update(name.encode())
        for field in attrs.fields(type(feature)):
            if isinstance(values := getattr(feature, field.name), np.ndarray):
                digest.update(np.ascontiguousarray(values).tobytes())
    return {
        "users": data.interactions.num_users,
        "items": data.num_items,
        "events": data.interactions.num_events,
        "training targets": len(data.targets(TRAIN)),
        "events_sha256": events,
        "sha256": digest.hexdigest(),
    }


def differences(state: TrainingState, spec: ExperimentSpec, registries: Registries) -> list[str]:
    """The reasons why a run of this spec cannot resume from a state, apart from the data; empty if it can."""
    before, now = state.identity["versions"], versions(spec, registries)
    reasons = [
        f"{name} is {now.get(name, _NOWHERE)}, but it was {before.get(name, _NOWHERE)}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    free = _FREE if state.trained else (*_FREE, *_free_in_training(spec))
    plain = json.loads(json.dumps(unstructure(spec)))  # JSON types, as in the state
    old, new = dict(_flat(state.identity["spec"])), dict(_flat(plain))
    for key in sorted({*old, *new}):
        if old.get(key, _NOWHERE) != new.get(key, _NOWHERE) and not _within(key, free):
            reasons.append(f"{key} is {_shown(new, key)}, but it was {_shown(old, key)}")
    if not state.trained and spec.train.epochs < state.epochs:
        reasons.append(f"train.epochs is {spec.train.epochs}, but the run is already in epoch {state.epochs}")
    return reasons


def data_differences(state: TrainingState, data: Mapping[str, Any]) -> list[str]:
    """The differences between the data and that of a training state; empty if there are none."""
    before = state.identity["data"]
    counts = [name for name, value in data.items() if isinstance(value, int)]
    reasons = [f"{data[name]:,} {name} instead of {before[name]:,}" for name in counts if data[name] != before[name]]
    if not reasons and data["sha256"] != before["sha256"]:
        part = "events" if data["events_sha256"] != before["events_sha256"] else "features"
        return [f"the counts are equal, but the {part} differ (sha256)"]
    return reasons


def _free_in_training(spec: ExperimentSpec) -> tuple[str, ...]:
    """Options that may also change if training has not ended. A cosine depends on the number of epochs."""
    return ("train.patience",) if spec.train.schedule == "cosine" else ("train.epochs", "train.patience")


def _within(key: str, parts: tuple[str, ...]) -> bool:
    return any(key == part or key.startswith((f"{part}.", f"{part}[")) for part in parts)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted key and the value of each leaf of nested mappings."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(part, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _shown(values: Mapping[str, Any], key: str) -> str:
    return repr(values[key]) if key in values else _NOWHERE
