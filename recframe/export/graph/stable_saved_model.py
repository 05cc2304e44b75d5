"""Makes a SavedModel's bytes depend on the model alone.

TensorFlow numbers a traced function by how many the process traced before, writes functions in that order, and adds a
random fingerprint.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorflow.core.protobuf import saved_model_pb2

#: The attribute that names a gradient. Only the process that wrote it knows the name, and serving needs no gradient.
_GRADIENT = "_gradient_op_type"
#: The attribute that names a captured variable by its number among all variables of the process.
_CAPTURED = "_user_specified_name"
#: The name of an argument that a loop's condition does not read, which contains the function's number.
_UNREAD = re.compile(r"_\d+(___redundant_placeholder\d+)")


def settle(folder: Path) -> None:
    """Rewrite saved_model.pb with functions numbered from 0 by name, and remove the fingerprint."""
    path = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(path.read_bytes())
    for graph in model.meta_graphs:
        library = graph.graph_def.library
        names = _numbered_anew([function.signature.name for function in library.function])
        _rename(graph, names)
        functions = sorted(library.function, key=lambda function: str(function.signature.name))
        # As of _GRADIENT: a layer with silu has a gradient of its own, under a number of the process.
        del library.registered_gradients[:]
        del library.function[:]
        library.function.extend(functions)
    path.write_bytes(model.SerializeToString(deterministic=True))
    (folder / "fingerprint.pb").unlink(missing_ok=True)


def _numbered_anew(names: list[str]) -> dict[str, str]:
    """`__inference_serve_731` becomes `__inference_serve_0`; the next function of that name, `__inference_serve_1`."""
    alike: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        if numbered := re.fullmatch(r"(.*)_(\d+)", name):
            alike[numbered.group(1)].append((int(numbered.group(2)), name))
    return {
        name: f"{base}_{place}" for base, numbered in alike.items() for place, (_, name) in enumerate(sorted(numbered))
    }


def _rename(message: Any, names: Mapping[str, str]) -> None:
    """Replace the names in every text of the message, also in the keys of maps."""
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            _rename_map(value, field.message_type.fields_by_name["value"].message_type is not None, names)
        elif field.type == field.TYPE_MESSAGE:
            for part in value if field.is_repeated else (value,):
                _rename(part, names)
        elif field.type == field.TYPE_STRING and field.is_repeated:
            value[:] = [_renamed(text, names) for text in value]
        elif field.type == field.TYPE_STRING:
            setattr(message, field.name, _renamed(value, names))


def _renamed(key: Any, names: Mapping[str, str]) -> Any:
    """A text with its new name; a map's key of another type as it is."""
    return names.get(key) or _UNREAD.sub(r"\1", key) if isinstance(key, str) else key


def _rename_map(value: Any, of_messages: bool, names: Mapping[str, str]) -> None:
    for key in list(value):
        if key == _GRADIENT or (key == _CAPTURED and value[key].s.isdigit()):
            del value[key]
            continue
        if of_messages:
            _rename(value[key], names)
        if (renamed := _renamed(key, names)) != key:
            moved = value[key]
            if of_messages:
                value[renamed].CopyFrom(moved)
            else:
                value[renamed] = moved
            del value[key]
