"""The only room that uses Hydra and OmegaConf. It makes config nodes from the registries, and a spec from a config.

The nodes are plain mappings that are made from the spec classes. Hydra composes them into a config, and
`recframe.spec.convert` makes the typed spec from it. `nodes` makes the nodes, `composition` composes them, and
`explanations` writes the messages about wrong overrides. `plain_values` and `user_files` check the user's input before
Hydra reads it, and `run_folders` names the folders of runs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.config.composition import changes, compose, export_changes, overview, overwrites, to_spec
    from recframe.config.explanations import CONFIG_ERRORS, explain, require_names
    from recframe.config.nodes import CONFIG_MODULE, CONFIG_NAME, register
    from recframe.config.plain_values import with_plain_values
    from recframe.config.run_folders import register_own_folders
    from recframe.config.user_files import require_readable
    from recframe.recommendation.export_formats import ExportFormat, QuantizationConfig

#: The module of each name. A name is imported on first use, so that Model Maker's names never load Hydra.
_MODULE_OF = {
    # These two stand here since code for Model Maker imports them from `tflite_model_maker.config`.
    "ExportFormat": "recframe.recommendation.export_formats",
    "QuantizationConfig": "recframe.recommendation.export_formats",
    "CONFIG_ERRORS": "recframe.config.explanations",
    "CONFIG_MODULE": "recframe.config.nodes",
    "CONFIG_NAME": "recframe.config.nodes",
    "changes": "recframe.config.composition",
    "compose": "recframe.config.composition",
    "explain": "recframe.config.explanations",
    "export_changes": "recframe.config.composition",
    "overview": "recframe.config.composition",
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
    "ExportFormat",
    "QuantizationConfig",
    "changes",
    "compose",
    "explain",
    "export_changes",
    "overview",
    "overwrites",
    "register",
    "register_own_folders",
    "require_names",
    "require_readable",
    "to_spec",
    "with_plain_values",
]
