"""The files of a run folder: config.yaml, metrics.json, checkpoints. Weights are HDF5, the rest is text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from recframe.converter import structure, unstructure
from recframe.errors import SpecError
from recframe.manager import load_plugins
from recframe.model.dual_encoder import DualEncoder
from recframe.specs import ExperimentSpec


def write_config(spec: ExperimentSpec, folder: Path) -> None:
    """config.yaml: enough to run the same again."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(unstructure(spec), sort_keys=False), encoding="utf-8")


def read_config(folder: Path) -> ExperimentSpec:
    """The spec of a run.

    Raises:
        SpecError: where the folder holds no run, or its config is wrong.
    """
    try:
        mapping = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    except OSError:
        raise SpecError(f"{folder}: no run folder (config.yaml is missing)") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(f"{folder}/config.yaml: cannot be read: {error}") from None
    return structure(mapping, load_plugins())


def write_metrics(folder: Path | None, metrics: dict[str, Any]) -> None:
    """metrics.json, as the contract names it."""
    if folder is not None:
        text = json.dumps(metrics, indent=2, allow_nan=False)
        (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")


def read_metrics(folder: Path) -> dict[str, Any]:
    """What the run measured so far; nothing where it stopped before."""
    path = folder / "metrics.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def save_checkpoint(folder: Path | None, model: DualEncoder, epoch: int) -> None:
    """Keep the weights; a half-written file never takes the place of a whole one."""
    if folder is None:
        return
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    part = checkpoints / "part.weights.h5"
    model.save_weights(part)
    part.replace(checkpoints / "best.weights.h5")
    (checkpoints / "state.json").write_text(json.dumps({"epoch": epoch}) + "\n", encoding="utf-8")


def load_checkpoint(folder: Path, model: DualEncoder) -> None:
    """Give the model the best weights of the run.

    Raises:
        SpecError: where the run stopped before its first checkpoint.
    """
    weights = folder / "checkpoints" / "best.weights.h5"
    if not weights.exists():
        raise SpecError(f"{folder}: the run stopped before its first checkpoint; train again")
    model.load_weights(weights)
