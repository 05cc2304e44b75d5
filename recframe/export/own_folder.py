"""Exports in a folder of the user's: each takes the place of its name, and nothing but an earlier export is lost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from recframe.errors import FolderError
from recframe.export.bundle_place import files_in, listed
from recframe.files.staging import put_in_place
from recframe.files.whole import sync_tree

#: What other programs write into a SavedModel, and ours do not.
_OF_TENSORFLOW = {"fingerprint.pb", "keras_metadata.pb"}


def put_exports(part: Path, folder: Path, names: Mapping[str, str]) -> None:
    """Put what was exported into a hidden folder of `folder` there.

    Args:
        names: The name that each file or folder gets, where it differs from the exporter's.

    Raises:
        FolderError: where something would be lost that is no earlier export; nothing is put there then.
    """
    made = {path: folder / names.get(path.name, path.name) for path in sorted(part.iterdir())}
    for path, place in made.items():
        _require_replaceable(path, place)
    sync_tree(part)
    put_in_place(made)


def _require_replaceable(made: Path, place: Path) -> None:
    """Raise FolderError where something would be lost that an export of this kind does not write anew."""
    if os.path.lexists(place) and made.is_dir() != place.is_dir():
        kinds = ("a folder", "a file") if place.is_dir() else ("a file", "a folder")
        raise FolderError(f"{place}: is {kinds[0]}, and the export writes {kinds[1]} of this name; move it away")
    if not made.is_dir():
        return
    if place.is_symlink() or os.path.ismount(place):
        raise FolderError(f"{place}: is a link or a mount point, and the export is put in place by renaming; remove it")
    new = {path.relative_to(made).as_posix() for path in files_in(made)} | _OF_TENSORFLOW
    if strangers := listed((p for p in files_in(place) if p.relative_to(place).as_posix() not in new), place):
        raise FolderError(f"{place}: the export did not write {strangers}, which would be lost; move them away")
