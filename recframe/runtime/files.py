"""The files of a bundle. Each is compared with the manifest before it is used."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from recframe.files.digests import file_sha256, has_own_digest, sha256_of
from recframe.files.json_text import parse_json
from recframe.runtime.answers import BundleError
from recframe.runtime.schema import problems
from recframe.runtime.statistics import contradictions

MANIFEST = "manifest.json"
#: The manifest's own digest, as `sha256sum manifest.json` writes it, for readers of any language.
MANIFEST_DIGEST = "manifest.sha256"
FORMAT_VERSION = 4
#: Where a run folder has its bundle.
EXPORT = "export"
#: Most bytes of a manifest, and of a file that is read into memory. A LiteRT file cannot be larger, since its offsets
#: are signed numbers of 32 bits.
MANIFEST_BYTES, FILE_BYTES = 1 << 24, (1 << 31) - 1


class BundleFiles:
    """A bundle's folder and its manifest, which has been checked.

    Raises:
        BundleError: where the manifest is missing, has another format version, was changed, or breaks the schema.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not os.path.exists(self.folder / MANIFEST) and os.path.exists(self.folder / EXPORT / MANIFEST):
            self.folder /= EXPORT  # a run folder holds its bundle there
        self.manifest = self._read_manifest()
        for name in _paths(self.manifest):
            self._place(name)

    def _read_manifest(self) -> dict[str, Any]:
        path = self.folder / MANIFEST
        try:
            if (size := _size(path)) > MANIFEST_BYTES:
                raise BundleError(f"{path}: takes {size:,} bytes; a manifest takes at most {MANIFEST_BYTES:,}")
            content = path.read_bytes()
            manifest = parse_json(content.decode())
        except FileNotFoundError:
            raise BundleError(f"{self.folder}: no bundle here ({MANIFEST} is missing)") from None
        except (ValueError, OSError) as error:
            raise BundleError(f"{path}: cannot be read: {error}") from None
        version = manifest.get("format_version") if isinstance(manifest, dict) else None
        if version != FORMAT_VERSION or isinstance(version, bool):
            newer = isinstance(version, int) and version > FORMAT_VERSION
            what_to_do = "upgrade recframe" if newer else "export the run again"
            raise BundleError(f"{path}: format version {version} instead of {FORMAT_VERSION}: {what_to_do}")
        self._require_as_written(content)
        wrong = list(problems(manifest)) or list(contradictions(manifest))
        if not wrong and not has_own_digest(manifest):
            wrong = ["its sha256 does not match its content: it was changed after the export; export again"]
        if wrong:
            raise BundleError(f"{path}: {'; '.join(wrong[:3])}{', and more' if len(wrong) > 3 else ''}")
        assert isinstance(manifest, dict)  # as the schema says
        return manifest

    def _require_as_written(self, manifest: bytes) -> None:
        """Compare the manifest's bytes with the digest beside it."""
        path = self.folder / MANIFEST_DIGEST
        try:
            expected = path.read_bytes() if _size(path) <= FILE_BYTES else b""
        except OSError:
            raise BundleError(f"{path}: cannot be read, so nothing protects {MANIFEST}; export again") from None
        if expected != digest_line(manifest):
            raise BundleError(
                f"{self.folder / MANIFEST}: differs from what was exported ({MANIFEST_DIGEST}); export again"
            )

    def _place(self, name: str) -> Path:
        path = (self.folder / name.replace("\0", "/../")).resolve()  # no file's name has a NUL
        if "\0" in name or not path.is_relative_to(self.folder.resolve()):
            raise BundleError(f"{self.folder / MANIFEST}: {name!r} lies outside the bundle")
        return path

    def read(self, name: str) -> bytes:
        """A file's bytes, checked against the manifest: the size before the file is read, the digest after.

        Raises:
            BundleError: with the reason, where they differ.
        """
        path, size = self._sized(name)
        if size > FILE_BYTES:
            raise BundleError(f"{self.folder / name}: takes {size:,} bytes; at most {FILE_BYTES:,} can be opened")
        with path.open("rb") as file:
            content = file.read(size + 1)  # no more, in case the file grows meanwhile
        if sha256_of(content) != self.manifest["files"][name]["sha256"]:
            self._refuse_content(name)
        return content

    def require_whole(self, name: str) -> None:
        """Compare a file of any size with the manifest, without holding it in memory.

        Raises:
            BundleError: as `read`.
        """
        path, _ = self._sized(name)
        if file_sha256(path) != self.manifest["files"][name]["sha256"]:
            self._refuse_content(name)

    def _sized(self, name: str) -> tuple[Path, int]:
        """A file's path and its size, which the manifest confirms."""
        try:
            path = self._place(name)
            size = _size(path)
        except OSError:
            raise BundleError(f"{self.folder / name}: the manifest names this file, but it cannot be read") from None
        facts = self.manifest["files"].get(name)
        if facts is None:
            raise BundleError(f"{self.folder / MANIFEST}: 'files' does not list {name!r}")
        if size != facts["bytes"]:
            raise BundleError(f"{self.folder / name}: {size:,} bytes instead of {facts['bytes']:,}; export again")
        return path, size

    def _refuse_content(self, name: str) -> NoReturn:
        raise BundleError(f"{self.folder / name}: differs from what was exported (sha256); export again")

    def text(self, name: str) -> str:
        """A text file's content."""
        try:
            return self.read(name).decode()
        except UnicodeDecodeError as error:
            raise BundleError(f"{self.folder / name}: is not UTF-8 text: {error}") from None

    def json(self, name: str, kind: type) -> Any:
        """A JSON file's content, a `list` or a `dict`."""
        try:
            parsed = parse_json(self.text(name))
        except ValueError as error:
            raise BundleError(f"{self.folder / name}: is not JSON: {error}") from None
        if not isinstance(parsed, kind) or not parsed:
            raise BundleError(f"{self.folder / name}: expected a {kind.__name__} that is not empty")
        return parsed

    def vocabularies(self) -> dict[str, list[str]]:
        """The text of each id by feature; under `label` the raw id of each label id."""
        lines = functools.cache(lambda path: self.text(path).split("\n")[:-1])
        features = [entry for entry in self.manifest["inputs"] if entry["role"] == "feature" and entry["vocabulary"]]
        return {entry["name"]: lines(entry["vocabulary"]) for entry in features} | {"label": lines("vocab/label.txt")}

    def items(self) -> dict[str, dict[str, Any]]:
        """Display fields by label id as text; empty where the bundle has none."""
        if "items.json" not in self.manifest["files"]:
            return {}
        table: dict[str, dict[str, Any]] = self.json("items.json", dict)
        for label, fields in table.items():
            if not isinstance(fields, dict) or isinstance(fields.get("title"), list | dict):
                raise BundleError(
                    f"{self.folder / 'items.json'}: item {label}: expected fields by name, with a text as title"
                )
        return table

    def unlisted(self) -> list[str]:
        """The files in the folder that the manifest does not list."""
        parsed = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(set(parsed) - set(self.manifest["files"]) - {MANIFEST, MANIFEST_DIGEST})


def digest_line(manifest: bytes) -> bytes:
    """The content of manifest.sha256."""
    return f"{sha256_of(manifest)}  {MANIFEST}\n".encode()


def _size(path: Path) -> int:
    """Bytes of a file. Raises OSError also for a pipe or a device, whose reading would never end."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(f"{path} is not a file")
    return facts.st_size


def _paths(manifest: dict[str, Any]) -> Iterator[str]:
    yield from manifest["files"]
    yield from (model["path"] for model in manifest["models"])
    answers = (entry for signature in manifest["signatures"].values() for entry in signature["outputs"])
    for entry in (*manifest["inputs"], *manifest["outputs"], *answers):
        if entry.get("vocabulary"):
            yield entry["vocabulary"]
