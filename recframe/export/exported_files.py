"""Calls an exporter, and looks at what it returns: a plugin may return anything, and the bundle rests on it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from recframe.plugin.exporting import ExportContext, ExportedFile
from recframe.plugin.guard import described
from recframe.plugin.origin import refusal
from recframe.plugin.types import ExporterType

#: The figures that every exported model has.
MEASURED = ("overlap", "max_score_difference")
#: What the manifest says of a model by itself.
_TAKEN = {"name", "path", "chosen", "parity"}


def exported_files(exporter: ExporterType, options: Any, context: ExportContext) -> list[ExportedFile]:
    """What the exporter wrote below `context.folder`, each with its size, `bytes`.

    Raises:
        ExportError: where the exporter refuses the model.
        PluginError: where it fails, or returns what is not an ExportedFile of a file in the folder.
    """
    result = exporter.export(options, context)
    fault = next(_faults(exporter.name, result, context.folder), None)
    if fault:
        raise refusal(exporter, fault, exporter.export)
    return [attrs.evolve(file, figures={"bytes": _size(context.folder / file.path), **file.figures}) for file in result]


def _faults(exporter: str, result: object, folder: Path) -> Iterator[str]:
    """What is wrong. Each check relies on those before it."""
    yield from wrong_list(result)
    assert isinstance(result, list | tuple)
    for file in result:
        yield from wrong_name(exporter, file)
        yield from wrong_place(file, folder)
        yield from wrong_mappings(file)
        yield from unmeasured(file)
    yield from repeated(result)


def wrong_list(result: object) -> Iterator[str]:
    """What is no list of files."""
    wanted = "expected a list of recframe.ExportedFile"
    if not isinstance(result, list | tuple):
        yield f"gives {described(result)} in `export`; {wanted}"
    elif not result:
        yield f"gives no file in `export`; {wanted}"
    else:
        odd = (file for file in result if not isinstance(file, ExportedFile))
        yield from (f"gives {described(file)} among its files; {wanted}" for file in odd)


def repeated(files: Sequence[ExportedFile]) -> Iterator[str]:
    """Names and paths that two files have."""
    for what in ("name", "path"):
        texts = [getattr(file, what) for file in files]
        if len(set(texts)) < len(texts):
            yield f"gives two files of one {what}: {', '.join(texts)}"


def wrong_name(exporter: str, file: ExportedFile) -> Iterator[str]:
    """Another name than EXPORTER/VARIANT."""
    parts = file.name.split("/") if isinstance(file.name, str) else []
    if len(parts) != 2 or parts[0] != exporter or not parts[1]:
        yield f"calls a file {file.name!r}; expected {exporter}/VARIANT, as {f'{exporter}/float32'!r}"


def wrong_place(file: ExportedFile, folder: Path) -> Iterator[str]:
    """A path that is no file or folder below `folder`, or an empty one."""
    if not isinstance(file.path, str):
        yield f"gives {described(file.path)} as the path of {file.name}; expected a text, relative to context.folder"
    place, inside = (folder / file.path).resolve(), folder.resolve()
    if not place.is_relative_to(inside) or place == inside or Path(file.path).is_absolute():
        yield f"gives {file.path!r} as the path of {file.name}; expected a file or folder below context.folder"
    if not place.exists():
        yield f"says that {file.name} is {file.path!r}, which is not in context.folder; expected what it has written"
    if _size(place) == 0:
        yield f"says that {file.name} is {file.path!r}, which is empty"


def wrong_mappings(file: ExportedFile) -> Iterator[str]:
    """Figures, details and timings that the manifest cannot hold."""
    for what in ("figures", "details", "timings"):
        values = getattr(file, what)
        if not isinstance(values, Mapping):
            yield f"gives {described(values)} as the {what} of {file.name}; expected a mapping"
        try:
            json.dumps(dict(values), allow_nan=False)
        except (TypeError, ValueError) as error:
            yield f"gives {what} of {file.name} that cannot stand in the manifest: {error}"
    if taken := _TAKEN & file.details.keys():
        yield f"gives {min(taken)!r} among the details of {file.name}, which is a name of the manifest's own"


def unmeasured(file: ExportedFile) -> Iterator[str]:
    """Figures that every model has, and this one lacks."""
    for name in MEASURED:
        value = file.figures.get(name)
        if not isinstance(value, int | float) or not math.isfinite(value):
            yield f"does not say the {name} of {file.name}; expected the figures of recframe.export.compare"


def _size(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    return sum(part.stat().st_size for part in (path.rglob("*") if path.is_dir() else [path]) if part.is_file())
