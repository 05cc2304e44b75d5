"""From a trained model to a bundle; and the kit that exporter plugins import.

`serving` makes the graph, and `context` collects what an exporter reads. An exporter converts the graph (`lite`,
`quantize`, `flatbuffer`), compares the file with the trained model (`parity`, `delivery`, `gate`), and returns what it
wrote. `bundle` calls the exporters in turn, writes the `manifest` last, and puts the folder in place (`bundle_place`).
Without a bundle, `own_folder` gives exports places among a user's own files.

An exporter may use the names below. TensorFlow is loaded when the first of them is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.export.delivery import delivered, require_little_lost
    from recframe.export.flatbuffer.reading import read_facts
    from recframe.export.flatbuffer.slim import slim
    from recframe.export.gate import candidates, checked_model, choose, make_variant, measured
    from recframe.export.interface import model_interface
    from recframe.export.lite import LiteModel, ask_lite, convert
    from recframe.export.parity import compare, padded_to, require_equal
    from recframe.export.serving import SCORES
    from recframe.export.sidecar_files import write_json
    from recframe.export.stable_saved_model import settle
    from recframe.export.topological_order import needed_in_order
    from recframe.spec.experiment import MODEL_MAKER

#: The module that defines each name of the kit.
_PLACES = {
    "LiteModel": "recframe.export.lite",
    "MODEL_MAKER": "recframe.spec.experiment",
    "SCORES": "recframe.export.serving",
    "ask_lite": "recframe.export.lite",
    "candidates": "recframe.export.gate",
    "checked_model": "recframe.export.gate",
    "choose": "recframe.export.gate",
    "compare": "recframe.export.parity",
    "convert": "recframe.export.lite",
    "delivered": "recframe.export.delivery",
    "make_variant": "recframe.export.gate",
    "measured": "recframe.export.gate",
    "model_interface": "recframe.export.interface",
    "needed_in_order": "recframe.export.topological_order",
    "padded_to": "recframe.export.parity",
    "read_facts": "recframe.export.flatbuffer.reading",
    "require_equal": "recframe.export.parity",
    "require_little_lost": "recframe.export.delivery",
    "settle": "recframe.export.stable_saved_model",
    "slim": "recframe.export.flatbuffer.slim",
    "write_json": "recframe.export.sidecar_files",
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
