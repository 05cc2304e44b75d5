"""The files of a bundle. Each is compared with what the manifest says of it before it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recframe.json_text import parse_json
from recframe.runtime.answers import BundleError
from recframe.runtime.schema import problems

MANIFEST = "manifest.json"
FORMAT_VERSION = 4
#: Where a run folder has its bundle.
EXPORT = "export"


class BundleFiles:
    """A bundle's folder and its manifest, which has been checked.

    Raises:
        BundleError: where there is no manifest, or one that this version does not read or that breaks the schema.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not (self.folder / MANIFEST).exists() and (self.folder / EXPORT / MANIFEST).exists():
            self.folder /= EXPORT  # a run folder holds its bundle there
        self.manifest = self._read_manifest()
        for name in _paths(self.manifest):
            self._place(name)

    def _read_manifest(self) -> dict[str, Any]:
        path = self.folder / MANIFEST
        try:
            manifest = parse_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BundleError(f"{self.folder}: no bundle here ({MANIFEST} is missing)") from None
        except (ValueError, OSError) as error:
            raise BundleError(f"{path}: cannot be read: {error}") from None
        found = manifest.get("format_version") if isinstance(manifest, dict) else None
        if found != FORMAT_VERSION:
            newer = isinstance(found, int) and found > FORMAT_VERSION
            what_to_do = "upgrade recframe" if newer else "export the run again"
            raise BundleError(f"{path}: format version {found}, and not {FORMAT_VERSION}: {what_to_do}")
        if wrong := list(problems(manifest)):
            raise BundleError(f"{path}: {'; '.join(wrong[:3])}{', and more' if len(wrong) > 3 else ''}")
        assert isinstance(manifest, dict)  # as the schema says
        return manifest

    def _place(self, name: str) -> Path:
        path = (self.folder / name.replace("\0", "/../")).resolve()  # no file's name has a NUL
        if "\0" in name or not path.is_relative_to(self.folder.resolve()):
            raise BundleError(f"{self.folder / MANIFEST}: {name!r} lies outside the bundle")
        return path

    def read(self, name: str) -> bytes:
        """A file's bytes, if they are those that the manifest names.

        Raises:
            BundleError: with the reason, where they are not.
        """
        try:
            content = self._place(name).read_bytes()
        except OSError:
            raise BundleError(f"{self.folder / name}: the manifest names this file and it cannot be read") from None
        facts = self.manifest["files"].get(name)
        if facts is None:
            raise BundleError(f"{self.folder / MANIFEST}: 'files' says nothing of {name!r}")
        if len(content) != facts["bytes"]:
            raise BundleError(f"{self.folder / name}: {len(content):,} bytes, and not {facts['bytes']:,}; export again")
        if hashlib.sha256(content).hexdigest() != facts["sha256"]:
            raise BundleError(f"{self.folder / name}: differs from what was exported (sha256); export again")
        return content

    def text(self, name: str) -> str:
        """A text file's content."""
        try:
            return self.read(name).decode()
        except UnicodeDecodeError as error:
            raise BundleError(f"{self.folder / name}: is no UTF-8 text: {error}") from None

    def json(self, name: str, kind: type) -> Any:
        """A JSON file's content, a `list` or a `dict`."""
        try:
            found = parse_json(self.text(name))
        except ValueError as error:
            raise BundleError(f"{self.folder / name}: is no JSON: {error}") from None
        if not isinstance(found, kind) or not found:
            raise BundleError(f"{self.folder / name}: expected a {kind.__name__} that is not empty")
        return found

    def unlisted(self) -> list[str]:
        """The files in the folder of which the manifest says nothing."""
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(set(found) - set(self.manifest["files"]) - {MANIFEST})


def _paths(manifest: dict[str, Any]) -> Iterator[str]:
    yield from manifest["files"]
    yield from (model["path"] for model in manifest["models"])
    answers = (entry for signature in manifest["signatures"].values() for entry in signature["outputs"])
    for entry in (*manifest["inputs"], *manifest["outputs"], *answers):
        if entry.get("vocabulary"):
            yield entry["vocabulary"]
