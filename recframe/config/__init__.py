"""The only room that uses Hydra and OmegaConf. It makes config nodes from the registries, and a spec from a config.

The nodes are plain mappings that are made from the spec classes. Hydra composes them into a config, and
`recframe.spec.convert` makes the typed spec from it. `nodes` makes the nodes, `composition` composes them, and
`explanations` writes the messages about wrong overrides. `plain_values` and `user_files` check the user's input before
Hydra reads it, and `run_folders` names the folders of runs. `command_line` reads the flags, `sources` says where
configs come from, and `sweeps` checks the jobs of a sweep.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.config.command_line import CommandLine, composing, read_command_line
    from recframe.config.composition import changes, choices, compose, export_changes, overwrites, to_spec
    from recframe.config.explanations import CONFIG_ERRORS, explain, require_names
    from recframe.config.nodes import composed_with_hydra, provide, register
    from recframe.config.plain_values import with_plain_values
    from recframe.config.run_folders import register_own_folders
    from recframe.config.sources import CONFIG_MODULE, CONFIG_NAME, Sources, own_configs
    from recframe.config.sweeps import require_sound_jobs, sweep_folder, sweep_of, sweepers_know_the_objective
    from recframe.config.user_files import require_readable
    from recframe.recommendation.export_formats import ExportFormat, QuantizationConfig

#: The module of each name. A name is imported on first use, so that Model Maker's names never load Hydra.
_MODULE_OF = {
    "sweepers_know_the_objective": "recframe.config.sweeps",
    "sweep_of": "recframe.config.sweeps",
    "sweep_folder": "recframe.config.sweeps",
    "require_sound_jobs": "recframe.config.sweeps",
    "Sources": "recframe.config.sources",
    "CommandLine": "recframe.config.command_line",
    "read_command_line": "recframe.config.command_line",
    "provide": "recframe.config.nodes",
    "own_configs": "recframe.config.sources",
    "composing": "recframe.config.command_line",
    "composed_with_hydra": "recframe.config.nodes",
    # These two stand here since code for Model Maker imports them from `tflite_model_maker.config`.
    "ExportFormat": "recframe.recommendation.export_formats",
    "QuantizationConfig": "recframe.recommendation.export_formats",
    "CONFIG_ERRORS": "recframe.config.explanations",
    "CONFIG_MODULE": "recframe.config.sources",
    "CONFIG_NAME": "recframe.config.sources",
    "changes": "recframe.config.composition",
    "compose": "recframe.config.composition",
    "explain": "recframe.config.explanations",
    "export_changes": "recframe.config.composition",
    "choices": "recframe.config.composition",
    "overwrites": "recframe.config.composition",
    "register_own_folders": "recframe.config.run_folders",
    "register": "recframe.config.nodes",
    "require_names": "recframe.config.explanations",
    "require_readable": "recframe.config.user_files",
    "to_spec": "recframe.config.composition",
    "with_plain_values": "recframe.config.plain_values",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULE_OF[name]), name)


__all__ = [
    "CONFIG_ERRORS",
    "CONFIG_MODULE",
    "CONFIG_NAME",
    "CommandLine",
    "ExportFormat",
    "QuantizationConfig",
    "Sources",
    "changes",
    "choices",
    "compose",
    "composed_with_hydra",
    "composing",
    "explain",
    "export_changes",
    "overwrites",
    "own_configs",
    "provide",
    "read_command_line",
    "register",
    "register_own_folders",
    "require_names",
    "require_readable",
    "require_sound_jobs",
    "sweep_folder",
    "sweep_of",
    "sweepers_know_the_objective",
    "to_spec",
    "with_plain_values",
]
