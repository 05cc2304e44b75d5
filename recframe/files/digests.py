"""SHA-256 of files and of JSON objects: what was written is what is read, or it is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The name under which an object keeps the digest of all its other names.
DIGEST = "sha256"
_CHUNK = 1 << 20


def sha256_of(content: bytes | memoryview) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """The same of a file, which is not held in memory whole."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_sums(folder: Path, name: str) -> None:
    """Write the digests of a folder's files into a further one, as sha256sum does."""
    lines = [f"{file_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / name).write_text("".join(lines), encoding="utf-8")


def first_changed_file(folder: Path, name: str) -> str:
    """The first file that is not as `write_sums` found it; empty where all are.

    Raises:
        OSError, ValueError: where the digests, or a file that they name, cannot be read.
    """
    for line in (folder / name).read_text(encoding="utf-8").removesuffix("\n").split("\n"):
        digest, _, file = line.partition("  ")
        if Path(file).name != file or file_sha256(folder / file) != digest:
            return file or name
    return ""


def with_own_digest(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its own digest under `sha256`, as its last name."""
    return {**_without_digest(value), DIGEST: object_sha256(value)}


def has_own_digest(value: Mapping[str, Any]) -> bool:
    """Whether an object is as `with_own_digest` made it."""
    return value.get(DIGEST) == object_sha256(value)


def object_sha256(value: Mapping[str, Any]) -> str:
    """The digest of an object without its `sha256`: of JSON with sorted names, in UTF-8, without blanks."""
    text = json.dumps(_without_digest(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256_of(text.encode("utf-8", "surrogatepass"))


def _without_digest(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != DIGEST}
