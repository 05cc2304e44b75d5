"""The only package that knows Hydra and OmegaConf: registries to config nodes, composed config to spec.

The nodes are plain mappings made from the spec classes; Hydra composes them and the converter gives them types. A group
that names no encoder takes the top-level one, which the converter sees to.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Here, since code for Model Maker imports them from `tflite_model_maker.config`.
from recframe.formats import ExportFormat, QuantizationConfig

if TYPE_CHECKING:
    from recframe.config.composition import compose, export_changes, overview, to_spec
    from recframe.config.explanations import CONFIG_ERRORS, explain, require_names
    from recframe.config.nodes import CONFIG_MODULE, CONFIG_NAME, register
    from recframe.config.own_files import require_readable
    from recframe.config.plain_values import with_plain_values
    from recframe.config.run_folders import own_folders

#: Where each name is. Looked up on first use: whoever wants a name of Model Maker's waits for no Hydra.
_HOMES = {
    "CONFIG_ERRORS": "explanations",
    "CONFIG_MODULE": "nodes",
    "CONFIG_NAME": "nodes",
    "compose": "composition",
    "explain": "explanations",
    "export_changes": "composition",
    "overview": "composition",
    "own_folders": "run_folders",
    "register": "nodes",
    "require_names": "explanations",
    "require_readable": "own_files",
    "to_spec": "composition",
    "with_plain_values": "plain_values",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "CONFIG_ERRORS",
    "CONFIG_MODULE",
    "CONFIG_NAME",
    "ExportFormat",
    "QuantizationConfig",
    "compose",
    "explain",
    "export_changes",
    "overview",
    "own_folders",
    "register",
    "require_names",
    "require_readable",
    "to_spec",
    "with_plain_values",
]
