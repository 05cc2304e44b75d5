"""SHA-256 digests of files and of JSON objects, which show whether they have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The key of an object that holds the digest of all its other keys and values.
DIGEST = "sha256"
_CHUNK = 1 << 20


def sha256_of(content: bytes | memoryview) -> str:
    """The SHA-256 digest as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """The SHA-256 digest of a file, which is read in parts."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_sums(folder: Path, name: str) -> None:
    """Write the digests of a folder's files into the file `name`, in the format of sha256sum."""
    lines = [f"{file_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / name).write_text("".join(lines), encoding="utf-8")


def first_changed_file(folder: Path, name: str) -> str:
    """The first file that has changed since `write_sums`; empty if none has.

    Raises:
        OSError, ValueError: if the digests, or a file that they name, cannot be read.
    """
    for line in (folder / name).read_text(encoding="utf-8").removesuffix("\n").split("\n"):
        digest, _, file = line.partition("  ")
        if Path(file).name != file or file_sha256(folder / file) != digest:
            return file or name
    return ""


def with_own_digest(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its own digest as the last value, under the key `sha256`."""
    return {**_without_digest(value), DIGEST: object_sha256(value)}


def has_own_digest(value: Mapping[str, Any]) -> bool:
    """Whether an object has not changed since `with_own_digest`."""
    return value.get(DIGEST) == object_sha256(value)


def object_sha256(value: Mapping[str, Any]) -> str:
    """The digest of an object without its `sha256`: of its JSON in UTF-8, with sorted keys and without spaces."""
    text = json.dumps(_without_digest(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256_of(text.encode("utf-8", "surrogatepass"))


def _without_digest(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != DIGEST}
