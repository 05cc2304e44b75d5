"""The place of a bundle: a new bundle is made beside it, and moves there when it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from recframe.errors import FolderError
from recframe.files.locks import LOCK, locked
from recframe.files.whole import OLD, PART, hidden, remove, replace_folder, restore, sync_tree
from recframe.runtime.files import MANIFEST

#: Files that file managers write into the folders that they show.
_OF_FILE_MANAGERS = {".DS_Store", "Thumbs.db", "desktop.ini"}
_SHOWN = 4


@contextlib.contextmanager
def bundle_place(folder: Path) -> Iterator[Path]:
    """A hidden folder to make a bundle in; at the end of the block it takes the place of `folder`.

    If `folder` is a link, its target is replaced. After an error in the block, everything is as before.

    Raises:
        FolderError: where another process exports there, or files that recframe did not write would be lost.
    """
    require_bundle_place(folder)
    place = Path(os.path.realpath(folder))
    place.parent.mkdir(parents=True, exist_ok=True)
    with locked(hidden(place, LOCK), folder):
        restore(place)
        part = hidden(place, PART)
        remove(part)
        try:
            part.mkdir()
            yield part
            sync_tree(part)
            require_bundle_place(folder)  # again: a conversion takes minutes, and files may have come meanwhile
            replace_folder(part, place)
        except BaseException:  # Ctrl-C too leaves nothing half-written
            remove(part)
            raise


def require_bundle_place(folder: Path) -> None:
    """Raise FolderError unless `folder` is missing, is empty, or holds a bundle and nothing else."""
    require_utf8(folder)
    if is_mount(folder):
        raise FolderError(
            f"{folder}: is a mount point, and a bundle is put in place by renaming it; export to a folder inside of it"
        )
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder}: is a file, but a bundle is a folder; choose another folder")
    if strangers := listed(foreign_to_bundle(folder), folder):
        damaged = (folder / MANIFEST).exists() and not _manifest(folder)
        why = f" ({MANIFEST} is damaged, or of another program)" if damaged else ""
        raise FolderError(
            f"{folder}: recframe did not write {strangers}{why}, and a new bundle would take their place; move them "
            "away, or choose another folder"
        )


def is_mount(folder: Path) -> bool:
    """Whether a folder is a mount point. `os.path.ismount` misses a folder that is mounted from the same disk."""
    if os.path.ismount(folder):
        return True
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return False
    escaped = (line.split()[4] for line in mounts)  # a blank is written as \040
    place = os.fsencode(os.path.realpath(folder))
    return any(re.sub(rb"\\(\d{3})", lambda match: bytes([int(match[1], 8)]), path) == place for path in escaped)


def require_utf8(folder: Path) -> None:
    """Raise FolderError where a path is not UTF-8: files could not name it, and TensorFlow could not open it."""
    try:
        str(folder).encode()
    except UnicodeEncodeError:
        shown = os.fsencode(folder).decode(errors="backslashreplace")
        raise FolderError(f"{shown}: the name is not UTF-8; choose another folder") from None


def foreign_to_bundle(folder: Path) -> Iterator[Path]:
    """The files in a folder that belong to no bundle of recframe's."""
    manifest = _manifest(folder)
    names = set(manifest.get("files", ()))
    for path in files_in(folder):
        name = path.relative_to(folder).as_posix()
        of_manifest = bool(manifest) and name.startswith("manifest.")  # itself, and its digest
        if name not in names and not of_manifest:
            yield path


def files_in(folder: Path) -> Iterator[Path]:
    """Files and links below a folder, except those of file managers."""
    for path in folder.rglob("*"):
        if (path.is_symlink() or not path.is_dir()) and path.name not in _OF_FILE_MANAGERS:
            yield path


def listed(paths: Iterable[Path], folder: Path) -> str:
    """The first few paths in a folder, for a message; empty where there are none."""
    first = [str(path.relative_to(folder)) for path in islice(paths, _SHOWN + 1)]
    return ", ".join(first[:_SHOWN]) + (" and more" if len(first) > _SHOWN else "")


def digest(folder: Path) -> str:
    """The sha256 of a bundle's manifest, which no other bundle has; empty where there is no manifest."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""


def tidy_bundle_place(folder: Path) -> None:
    """Remove what a killed export left beside a bundle. The files of an export that still runs stay."""
    place = Path(os.path.realpath(folder))
    if any(os.path.lexists(hidden(place, suffix)) for suffix in (PART, OLD, LOCK)):
        with contextlib.suppress(FolderError), locked(hidden(place, LOCK), folder):
            restore(place)
            remove(hidden(place, PART))


def move_bundle(made: Path, folder: Path) -> None:
    """Put a bundle that was made elsewhere in its place, also if the place is a link to another disk."""
    place = Path(os.path.realpath(folder))
    restore(place)
    if place != folder and made.stat().st_dev != place.parent.stat().st_dev:
        part = hidden(place, PART)
        remove(part)
        shutil.copytree(made, part)
        sync_tree(part)
        replace_folder(part, place)
        remove(made)
    else:
        replace_folder(made, place)


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle of any version of recframe; empty where there is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format_version"), int):
        return {}
    files, models = manifest.get("files"), manifest.get("models")
    return manifest if isinstance(files, dict) and isinstance(models, list) else {}
