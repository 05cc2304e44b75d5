"""Finds the files of a path, which may be a file, a glob or a folder of shards, and their format."""

from __future__ import annotations

import glob
from pathlib import Path

from attrs import frozen

from recframe import DataError, nearest, override
from recframe.builtin.datasets.tabular.formats.endings import ENDINGS, format_called
from recframe.builtin.datasets.tabular.formats.format import AUTO, Format
from recframe.builtin.datasets.tabular.formats.packed import is_packed

_JSON = ".json"  # a shard, or a file that another program writes next to shards of another format


@frozen
class Shards:
    """Files of one format, in the order of their rows."""

    format: Format
    files: tuple[Path, ...]


def find_shards(path: str, format: str, option: str) -> Shards:
    """Find the files of a path.

    Args:
        format: The name of a format; `auto`: by the file names.
        option: The option with the path, for messages.

    Raises:
        DataError: There is no file, a file has an unknown type, or the files have different types.
    """
    where = Path(path).expanduser()
    try:
        if where.is_file():
            return Shards(_format(where, format, option), (where,))
        if where.is_dir():
            return _one_format(_shards_in(where, format, option), format, option)
        if not where.exists() and glob.has_magic(path):
            matches = sorted(Path(name) for name in glob.glob(str(where), recursive=True))
            files = [file for file in matches if file.is_file()]
            if not files:
                raise DataError(f"{option}: no file matches {path!r}{_nearest(where)}")
            return _one_format(files, format, option)
    except (OSError, ValueError) as error:  # such as a name that is too long, or a folder without permission
        raise DataError(f"{option}: {path!r} cannot be read: {error}") from None
    if where.exists():
        raise DataError(f"{option}: {path} is neither a file nor a folder")
    raise DataError(f"{option}: no file or folder {path}{_nearest(where)}")


def _nearest(where: Path) -> str:
    folder = where.parent
    if not folder.is_dir():
        return f"; there is no folder {folder} either"
    near = nearest(where.name, [path.name for path in folder.iterdir()], any_case=True)
    return f"; the nearest name in {folder} is {near!r}" if near else ""


def _shards_in(folder: Path, format: str, option: str) -> list[Path]:
    """The files with rows below a folder. Files such as `_SUCCESS` and hidden files are ignored."""
    below = sorted(path for path in folder.rglob("*") if path.is_file())
    seen = [p for p in below if not any(part.startswith((".", "_")) for part in p.relative_to(folder).parts)]
    shards = [path for path in seen if format != AUTO or _ending(path) in ENDINGS]
    if any(ENDINGS.get(_ending(path), ENDINGS[_JSON]) != ENDINGS[_JSON] for path in shards):
        shards = [path for path in shards if _ending(path) != _JSON]  # a description of the shards, not a shard
    if not shards:
        names = [path.name for path in seen[:5]]
        holds = ", ".join(names) + (", ..." if len(seen) > 5 else "") if names else "nothing"
        known = ", ".join(ENDINGS)
        raise DataError(
            f"{option}: the folder {folder} has no files to read: it holds {holds}; file names must end in {known}"
        )
    return shards


def _one_format(files: list[Path], format: str, option: str) -> Shards:
    formats = [_format(file, format, option) for file in files]
    for file, other in zip(files, formats, strict=True):
        if other != formats[0]:
            raise DataError(
                f"{option}: {files[0]} is {formats[0].name}, but {file} is {other.name}; select files of one format, "
                f"for example with the glob *{files[0].suffix}"
            )
    unpacked: dict[Path, Path] = {}
    for file in files:
        same = unpacked.setdefault(file.with_suffix("") if is_packed(file) else file, file)
        if same != file:
            raise DataError(f"{option}: {same} and {file} seem to be the same file, compressed and not; remove one")
    return Shards(formats[0], tuple(files))


def _format(file: Path, format: str, option: str) -> Format:
    ending = _ending(file)
    known = ENDINGS.get(ending) if format == AUTO else format_called(format)
    if known is None:
        raise DataError(
            f"{option}: unknown file type {ending or '(no ending)'!r} of {file}; the types are {', '.join(ENDINGS)}; "
            f"rename it, or set its type: {override('dataset.format', 'csv')}"
        )
    if is_packed(file) and not known.is_text:
        raise DataError(f"{option}: {file} is compressed, but {known.name} files must not be; decompress it first")
    return known


def _ending(file: Path) -> str:
    """The ending that determines the type, in lower case; for a compressed file the one before it, if there is one."""
    inner = Path(file.stem).suffix.lower() if is_packed(file) else ""
    return inner or file.suffix.lower()
