"""Reads and writes config.yaml and metrics.json of a run folder, and tells how to continue a stopped run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from recframe.errors import SpecError
from recframe.errors.shell import shell_command
from recframe.files.json_text import parse_json
from recframe.files.whole import write_text
from recframe.files.yaml_text import parse_yaml
from recframe.plugin.registry import Registries
from recframe.runs.place import CONFIG, MARK, METRICS, finish_replacement
from recframe.spec.convert import structure, unstructure
from recframe.spec.experiment import ExperimentSpec
from recframe.training.checkpoints import state_of

#: The second line of config.yaml, and the key that is Hydra's.
_AGAIN = "# Run it again: recframe --config-dir THIS_FOLDER --config-name config [KEY=VALUE ...]\n"
_DEFAULTS = "defaults"
#: The parts of metrics.json that reports show, and the entries that each must have.
_PARTS = {
    "counts": ("users", "items", "interactions", "parameters"),
    "baselines": (),
    "validation": ("mean_rank",),
    "test": ("mean_rank",),
}
_EXPORT = ("bytes", "overlap", "histories")


def write_config(spec: ExperimentSpec, folder: Path) -> None:
    """Write config.yaml, with everything that is needed to repeat the run, also by Hydra itself."""
    head = f"{MARK}{_AGAIN}{_DEFAULTS}: [command, _self_]\n"
    write_text(folder / CONFIG, head + yaml.safe_dump(unstructure(spec), sort_keys=False))


def read_config(folder: Path, registries: Registries) -> ExperimentSpec:
    """Read the spec of a run.

    Raises:
        SpecError: The folder holds no run, or its config is wrong.
    """
    finish_replacement(folder)
    try:
        mapping = parse_yaml((folder / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{folder}: not a run folder ({CONFIG} is missing)") from None
    except OSError as error:
        raise SpecError(f"{folder / CONFIG}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SpecError(f"{folder / CONFIG}: cannot be read: {error}") from None
    if isinstance(mapping, dict):
        mapping.pop(_DEFAULTS, None)
    return structure(mapping, registries)


def write_metrics(folder: Path | None, metrics: dict[str, Any]) -> None:
    """Write metrics.json; without a folder, write nothing."""
    if folder is not None:
        write_text(folder / METRICS, json.dumps(metrics, indent=2, allow_nan=False) + "\n")


def read_metrics(folder: Path) -> dict[str, Any]:
    """Read the metrics of a run; empty if it stopped before evaluation.

    Raises:
        SpecError: The file is not a valid metrics.json.
    """
    path = folder / METRICS
    try:
        content: dict[str, Any] = parse_json(path.read_text(encoding="utf-8")) if path.exists() else {}
        require_figures(content)
    except ValueError as error:
        raise SpecError(f"{path}: cannot be read: {error}; remove it and run again") from None
    return content


def kept_weights_note(folder: Path) -> str:
    """A note on how to use the weights of a run that was stopped; empty if it has saved none."""
    state = state_of(folder)
    if not state:
        return ""
    epoch = f" (epoch {state['epoch']})" if "epoch" in state else ""
    shown = folder.resolve()
    if shown.is_relative_to(Path.cwd()):
        shown = shown.relative_to(Path.cwd())
    return (
        f"the best weights so far{epoch} are saved: `{shell_command('recframe', 'evaluate', shown)}` evaluates them, "
        f"`{shell_command('recframe', 'export', shown)}` exports them (export.KEY=VALUE changes a limit), and "
        f"`{shell_command('recframe', 'train', f'resume={shown}')}` resumes the run"
    )


def require_figures(metrics: object) -> None:
    """Raise ValueError if metrics.json, which anyone may have edited, does not have recframe's structure.

    A terminal and report.html show only its numbers, and its names, which they escape.
    """
    if not isinstance(metrics, dict):
        raise ValueError("expected an object")
    if not metrics:
        return  # the run has no metrics yet
    exports, history = metrics.get("exports", {}), metrics.get("training", [])
    if not isinstance(exports, dict) or not isinstance(history, list):
        raise ValueError("expected an object of exports, and a list under training")
    parts = {name: (metrics.get(name), keys) for name, keys in _PARTS.items() if "test" in metrics}
    parts |= {f"exports.{name}": (content, _EXPORT) for name, content in exports.items()}
    parts |= {f"training.{place}": (point, ("epoch", "loss")) for place, point in enumerate(history)}
    for name, (part, keys) in parts.items():
        if not isinstance(part, dict):
            raise ValueError(f"{name}: expected an object of figures")
        if missing := [key for key in keys if not isinstance(part.get(key), int | float)]:
            raise ValueError(f"{name}.{missing[0]}: expected a number")
        _require_numbers(name, part)


def _require_numbers(where: str, value: object) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _require_numbers(f"{where}.{name}", part)
    elif isinstance(value, list):
        for part in value:
            _require_numbers(where, part)
    elif value is not None and not isinstance(value, int | float):
        raise ValueError(f"{where}: expected a number, got {value!r:.80}")
