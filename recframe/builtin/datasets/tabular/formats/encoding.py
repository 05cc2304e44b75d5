"""The encoding of a text file: set by the user, known from its byte-order mark, or guessed from its bytes."""

from __future__ import annotations

import codecs
import encodings.aliases
from collections.abc import Iterable, Iterator

from recframe import SpecError, nearest
from recframe.builtin.datasets.tabular.formats.format import AUTO

UTF8, GUESSED = "utf-8", "cp1252"
_BOMS = {  # UTF-32 first, since its byte-order mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def known_encoding(name: str) -> str:
    """Python's standard name of an encoding. Raises SpecError, with the nearest name, if Python does not know it."""
    if name == AUTO:
        return AUTO
    try:
        "".encode(name)  # fails for codecs that are not text encodings, such as base64
        codecs.getincrementaldecoder(name)().decode(b"")
        return codecs.lookup(name).name
    except (LookupError, ValueError, TypeError):
        known = {*encodings.aliases.aliases, *encodings.aliases.aliases.values()}
        names = sorted({AUTO, *(one.replace("_", "-") for one in known)})
        near = nearest(name.replace("_", "-"), names, any_case=True)
        hint = f"did you mean {near!r}?" if near else "such as utf-8, latin-1, cp1252, utf-16 or gb18030"
        raise SpecError(f"encoding: {name!r} is not a text encoding that Python knows; {hint}") from None


def encoding_of_bom(piece: bytes) -> str | None:
    """UTF-16 or UTF-32, if the text begins with its byte-order mark."""
    return next((name for mark, name in _BOMS.items() if piece.startswith(mark)), None)


def utf_16_without_bom(piece: bytes) -> str | None:
    """UTF-16 without a byte-order mark: in ASCII text, every other byte is 0."""
    even, odd = piece[:40:2], piece[1:40:2]
    for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(letters) > 3 and not any(zeros) and all(letters):
            return name
    return None


def first_line_is_utf8(piece: bytes) -> bool:
    """Whether the first line with other characters than ASCII is UTF-8. There must be such a line."""
    return _is_utf8(next(_beyond_ascii(piece)))


def utf8_or_cp1252(pieces: Iterable[bytes]) -> str:
    """cp1252 if at least two lines are not UTF-8, and all other lines are ASCII; otherwise UTF-8.

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
