"""The files of a run folder: config.yaml, vocab, metrics.json, checkpoints. Weights are HDF5, the rest is text.

Each is written beside its place and renamed, so that a full disk or Ctrl-C leaves the one before, or none.
"""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from recframe.converter import structure, unstructure
from recframe.data import vocabularies
from recframe.errors import SpecError
from recframe.json_text import parse_json
from recframe.manager import load_plugins
from recframe.model.dual_encoder import DualEncoder
from recframe.pasting import command
from recframe.specs import ExperimentSpec
from recframe.training.figures import require_figures
from recframe.yaml_text import parse_yaml


class _Weights(io.BytesIO):
    """An HDF5 file in memory. HDF5 that meets a full disk may bring the whole process down, so Python writes it."""

    def __str__(self) -> str:
        return "best.weights.h5"  # Keras looks at the ending


def write_text(path: Path, text: str) -> None:
    """Write a whole file or none."""
    _write(path, text.encode())


def _write(path: Path, content: bytes | memoryview) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_config(spec: ExperimentSpec, folder: Path) -> None:
    """config.yaml: enough to run the same again. What an earlier run left here, which was of another spec, goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("checkpoints/best.weights.h5", "checkpoints/state.json", "metrics.json", "report.html"):
        (folder / name).unlink(missing_ok=True)
    for name in (vocabularies.FOLDER, "tensorboard", "export"):
        shutil.rmtree(folder / name, ignore_errors=True)
    write_text(folder / "config.yaml", yaml.safe_dump(unstructure(spec), sort_keys=False))


def read_config(folder: Path) -> ExperimentSpec:
    """The spec of a run.

    Raises:
        SpecError: where the folder holds no run, or its config is wrong.
    """
    try:
        mapping = parse_yaml((folder / "config.yaml").read_text(encoding="utf-8"))
    except OSError:
        raise SpecError(f"{folder}: no run folder (config.yaml is missing)") from None
    except ValueError as error:
        raise SpecError(f"{folder}/config.yaml: cannot be read: {error}") from None
    return structure(mapping, load_plugins())


def write_metrics(folder: Path | None, metrics: dict[str, Any]) -> None:
    """metrics.json, as the contract names it."""
    if folder is not None:
        write_text(folder / "metrics.json", json.dumps(metrics, indent=2, allow_nan=False) + "\n")


def read_metrics(folder: Path) -> dict[str, Any]:
    """What the run measured so far; nothing where it stopped before.

    Raises:
        SpecError: where the file is not as it was written.
    """
    path = folder / "metrics.json"
    try:
        found: dict[str, Any] = parse_json(path.read_text(encoding="utf-8")) if path.exists() else {}
        require_figures(found)
    except ValueError as error:
        raise SpecError(f"{path}: cannot be read: {error}; remove it and run again") from None
    return found


def save_checkpoint(folder: Path | None, model: DualEncoder, epoch: int, data: str | None = None) -> None:
    """Keep the weights.

    Args:
        data: sha256 of the data that they were trained on; None: not from a dataset.
    """
    if folder is None:
        return
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    weights = _Weights()
    model.save_weights(weights)
    _write(checkpoints / "best.weights.h5", weights.getbuffer())
    state = {"epoch": epoch, "started_in": str(Path.cwd()), "data_sha256": data}
    write_text(checkpoints / "state.json", json.dumps(state) + "\n")


def what_is_kept(folder: Path) -> str:
    """How to go on with what a run that ended early has left in its folder; empty where it has left nothing."""
    if not (folder / "checkpoints" / "best.weights.h5").exists():
        return ""
    state = _state(folder)
    epoch = f" (epoch {state['epoch']})" if "epoch" in state else ""
    shown = folder.resolve()
    if shown.is_relative_to(Path.cwd()):
        shown = shown.relative_to(Path.cwd())
    return (
        f"the best weights so far{epoch} are kept: `{command('recframe', 'evaluate', shown)}` measures them, and "
        f"`{command('recframe', 'export', shown)}` exports them, with other limits as export.KEY=VALUE"
    )


def _state(folder: Path) -> dict[str, Any]:
    """What was kept beside the weights; nothing where that cannot be read."""
    try:
        found = parse_json((folder / "checkpoints" / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def started_in(folder: Path) -> Path:
    """Where `recframe` was when it trained: the paths in config.yaml are as they were given there."""
    found = Path(str(_state(folder).get("started_in", "")))
    return found if found.is_dir() else Path.cwd()


def require_same_data(folder: Path, data: str) -> None:
    """Raise SpecError where a run's weights were trained on other data than what its config gives now.

    Args:
        data: sha256 of what it gives. Runs of earlier versions say nothing of theirs, and pass.
    """
    trained = _state(folder).get("data_sha256")
    if trained is not None and trained != data:
        raise SpecError(
            f"{folder}: the data that its config.yaml names is not what the run was trained on, so its figures would "
            "be others; give back that data, or train again (train.warm_start goes on from this run's weights)"
        )


def load_checkpoint(folder: Path, model: DualEncoder) -> None:
    """Give the model the best weights of the run.

    Raises:
        SpecError: where the run stopped before its first checkpoint, or the file is not of this run.
    """
    weights = folder / "checkpoints" / "best.weights.h5"
    if not weights.exists():
        raise SpecError(f"{folder}: the run stopped before its first checkpoint; train again")
    try:
        model.load_weights(weights)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SpecError(f"{weights}: not the weights of this run's model on its data: {reason}; train again") from error
