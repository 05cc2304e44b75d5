"""Makes a bundle of a trained model, and is the kit that exporter plugins import.

`bundle` writes a bundle: `context` collects what exporters read, each exporter writes its model, and `bundle_place`
puts the finished folder in place. Without a bundle, `own_folder` puts exports among a user's own files. Below them:

- `checks/` compares an exported model with the trained model.
- `litert/` converts the serving graph into a LiteRT file.
- `bundle_files/` writes the manifest and the other files of a bundle.
- `graph/` makes the serving graph, and `histories/` the histories for comparisons.

An exporter may use the names below. TensorFlow is loaded when the first of them is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.export.bundle_files.interface import model_interface
    from recframe.export.bundle_files.sidecar_files import write_json
    from recframe.export.checks.delivery import delivered, require_little_lost
    from recframe.export.checks.gate import candidates, checked_model, choose, make_variant, measured
    from recframe.export.checks.parity import compare, padded_to, require_equal
    from recframe.export.graph.serving import SCORES
    from recframe.export.graph.stable_saved_model import settle
    from recframe.export.graph.topological_order import needed_in_order
    from recframe.export.litert.flatbuffer.reading import read_facts
    from recframe.export.litert.flatbuffer.slim import slim
    from recframe.export.litert.lite import LiteModel, ask_lite, convert
    from recframe.spec.experiment import MODEL_MAKER

#: The module that defines each name of the kit.
_PLACES = {
    "LiteModel": "recframe.export.litert.lite",
    "MODEL_MAKER": "recframe.spec.experiment",
    "SCORES": "recframe.export.graph.serving",
    "ask_lite": "recframe.export.litert.lite",
    "candidates": "recframe.export.checks.gate",
    "checked_model": "recframe.export.checks.gate",
    "choose": "recframe.export.checks.gate",
    "compare": "recframe.export.checks.parity",
    "convert": "recframe.export.litert.lite",
    "delivered": "recframe.export.checks.delivery",
    "make_variant": "recframe.export.checks.gate",
    "measured": "recframe.export.checks.gate",
    "model_interface": "recframe.export.bundle_files.interface",
    "needed_in_order": "recframe.export.graph.topological_order",
    "padded_to": "recframe.export.checks.parity",
    "read_facts": "recframe.export.litert.flatbuffer.reading",
    "require_equal": "recframe.export.checks.parity",
    "require_little_lost": "recframe.export.checks.delivery",
    "settle": "recframe.export.graph.stable_saved_model",
    "slim": "recframe.export.litert.flatbuffer.slim",
    "write_json": "recframe.export.bundle_files.sidecar_files",
}


if not TYPE_CHECKING:  # with this function, a type checker would accept any name

    def __getattr__(name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_PLACES[name]), name)


__all__ = [
    "MODEL_MAKER",
    "SCORES",
    "LiteModel",
    "ask_lite",
    "candidates",
    "checked_model",
    "choose",
    "compare",
    "convert",
    "delivered",
    "make_variant",
    "measured",
    "model_interface",
    "needed_in_order",
    "padded_to",
    "read_facts",
    "require_equal",
    "require_little_lost",
    "settle",
    "slim",
    "write_json",
]
