"""The encoding of text: by the name that the user gives, by its mark, or guessed from its bytes."""

from __future__ import annotations

import codecs
import encodings.aliases
from collections.abc import Iterable, Iterator

from recframe import SpecError, nearest
from recframe.builtin.datasets.tabular.formats.format import AUTO

UTF8, GUESSED = "utf-8", "cp1252"
_MARKS = {  # UTF-32 first, whose mark begins as that of UTF-16 does
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def known_encoding(name: str) -> str:
    """The encoding by Python's own name. Raises SpecError, with the nearest, for one that Python does not know."""
    if name == AUTO:
        return AUTO
    try:
        "".encode(name)  # codecs of bytes, such as base64, are refused here
        codecs.getincrementaldecoder(name)().decode(b"")
        return codecs.lookup(name).name
    except (LookupError, ValueError, TypeError):
        known = {*encodings.aliases.aliases, *encodings.aliases.aliases.values()}
        names = sorted({AUTO, *(one.replace("_", "-") for one in known)})
        near = nearest(name.replace("_", "-"), names, any_case=True)
        hint = f"did you mean {near!r}?" if near else "such as utf-8, latin-1, cp1252, utf-16 or gb18030"
        raise SpecError(f"encoding: {name!r} is none that Python knows; {hint}") from None


def marked_encoding(piece: bytes) -> str | None:
    """UTF-16 or UTF-32, where text begins with its mark."""
    return next((name for mark, name in _MARKS.items() if piece.startswith(mark)), None)


def utf_16_without_mark(piece: bytes) -> str | None:
    """UTF-16 without its mark, in which every other byte of plain letters is 0."""
    even, odd = piece[:40:2], piece[1:40:2]
    for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(letters) > 3 and not any(zeros) and all(letters):
            return name
    return None


def starts_as_utf8(piece: bytes) -> bool:
    """Whether the first line beyond ASCII, of which there is one, is UTF-8."""
    return _is_utf8(next(_beyond_ascii(piece)))


def utf8_or_cp1252(pieces: Iterable[bytes]) -> str:
    """cp1252 where two or more lines are no UTF-8, and none is but plain ASCII.

    Args:
        pieces: The whole text, in pieces of whole lines.
    """
    broken = 0
    for piece in pieces:
        for line in _beyond_ascii(piece):
            if _is_utf8(line):
                return UTF8
            broken += 1
    return GUESSED if broken > 1 else UTF8


def _beyond_ascii(piece: bytes) -> Iterator[bytes]:
    return (line for line in piece.splitlines() if not line.isascii())


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
