"""Which files a path means: one file, a glob, or a folder of shards, and the format that their names tell."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from recframe.builtin.datasets.tabular.formats.packed import is_packed
from recframe.errors import DataError
from recframe.errors.pasting import override

FORMATS = ("auto", "csv", "tsv", "jsonl", "parquet", "arrow")
ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
TEXTS = ("csv", "tsv", "jsonl")  # formats that may be packed


@frozen
class Shards:
    """Files of one format, in the order in which their rows stand."""

    format: str
    files: tuple[Path, ...]


def find_shards(path: str, format: str, option: str) -> Shards:
    """The files behind a path.

    Args:
        format: One of `FORMATS`; `auto` goes by the files' names.
        option: What the path was given in, for messages.

    Raises:
        DataError: Where there is none, or the type of a file is unknown or not that of the others.
    """
    where = Path(path).expanduser()
    try:
        if where.is_file():
            return Shards(_format(where, format, option), (where,))
        if where.is_dir():
            return _one_format(_shards_in(where, format, option), format, option)
        if not where.exists() and glob.has_magic(path):
            found = sorted(Path(name) for name in glob.glob(str(where), recursive=True))
            files = [file for file in found if file.is_file()]
            if not files:
                raise DataError(f"{option}: no file matches {path!r}{_nearest(where)}")
            return _one_format(files, format, option)
    except (OSError, ValueError) as error:  # a name that is too long, a folder that may not be read
        raise DataError(f"{option}: {path!r} cannot be read: {error}") from None
    if where.exists():
        raise DataError(f"{option}: {path} is neither a file nor a folder")
    raise DataError(f"{option}: no file or folder {path}{_nearest(where)}")


def nearest(name: str, choices: Iterable[str]) -> str:
    """The nearest of some names, or the empty text."""
    lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.5)
    return lower[near[0]] if near else ""


def _nearest(where: Path) -> str:
    folder = where.parent
    if not folder.is_dir():
        return f"; there is no folder {folder} either"
    near = nearest(where.name, [path.name for path in folder.iterdir()])
    return f"; the nearest name in {folder} is {near!r}" if near else ""


def _shards_in(folder: Path, format: str, option: str) -> list[Path]:
    """The files below a folder that hold rows; `_SUCCESS` and hidden files are what other programs leave there."""
    below = sorted(path for path in folder.rglob("*") if path.is_file())
    seen = [p for p in below if not any(part.startswith((".", "_")) for part in p.relative_to(folder).parts)]
    found = [path for path in seen if format != "auto" or _ending(path) in ENDINGS]
    if any(ENDINGS.get(_ending(path)) not in ("jsonl", None) for path in found):
        found = [path for path in found if _ending(path) != ".json"]  # what describes the shards, and is none
    if not found:
        names = [path.name for path in seen[:5]]
        holds = ", ".join(names) + (", ..." if len(seen) > 5 else "") if names else "nothing"
        known = ", ".join(ENDINGS)
        raise DataError(f"{option}: the folder {folder} has no shard: it holds {holds}; a shard ends in {known}")
    return found


def _one_format(files: list[Path], format: str, option: str) -> Shards:
    formats = [_format(file, format, option) for file in files]
    for file, other in zip(files, formats, strict=True):
        if other != formats[0]:
            raise DataError(
                f"{option}: {files[0]} is {formats[0]} and {file} is {other}; give shards of one format, "
                f"with a glob such as *{files[0].suffix}"
            )
    unpacked: dict[Path, Path] = {}
    for file in files:
        same = unpacked.setdefault(file.with_suffix("") if is_packed(file) else file, file)
        if same != file:
            raise DataError(f"{option}: {same} and {file} seem to be one file, packed and unpacked; take one away")
    return Shards(formats[0], tuple(files))


def _format(file: Path, format: str, option: str) -> str:
    ending = _ending(file)
    known = ENDINGS.get(ending) if format == "auto" else format
    if known is None:
        raise DataError(
            f"{option}: unknown file type {ending or '(no ending)'!r} of {file}; the types are {', '.join(ENDINGS)}; "
            f"rename it, or name its type: {override('dataset.format', 'csv')}"
        )
    if is_packed(file) and known not in TEXTS:
        raise DataError(f"{option}: {file} is packed, and {known} is packed in itself; unpack it first")
    return known


def _ending(file: Path) -> str:
    """The ending that tells the type, in lower case; of a packed file the one before, where there is any."""
    inner = Path(file.stem).suffix.lower() if is_packed(file) else ""
    return inner or file.suffix.lower()
