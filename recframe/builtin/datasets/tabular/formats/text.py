"""A file of text, whatever its packing and its encoding: what readers see of it is UTF-8."""

from __future__ import annotations

import codecs
import difflib
import encodings.aliases
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from recframe.builtin.datasets.tabular.formats.packed import PieceStream, unpacked
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.errors import DataError, SpecError
from recframe.errors.pasting import override

AUTO, UTF8, GUESSED = "auto", "utf-8", "cp1252"
_PIECE = 1 << 20  # bytes decoded at once
_MARK = codecs.BOM_UTF8
_MARKS = {  # UTF-32 first, whose mark begins as that of UTF-16 does
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BROKEN = "recframe.broken"
# Half a surrogate pair is no UTF-8, so that a line with what the encoding does not know is refused by every reader.
codecs.register_error(_BROKEN, lambda error: ("\udc80", getattr(error, "end", 0)))


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
        near = difflib.get_close_matches(name.lower().replace("_", "-"), names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "such as utf-8, latin-1, cp1252, utf-16 or gb18030"
        raise SpecError(f"encoding: {name!r} is none that Python knows; {hint}") from None


class TextFile:
    """A file of text.

    Args:
        encoding: As `known_encoding` gives it. With `auto`, UTF-8 or UTF-16 by its mark; else cp1252 where two or more
            lines are no UTF-8 and none is but plain ASCII. What is guessed is told in the ledger.

    Attributes:
        path: Where it is.
        open_ended: Whether its last line does not end; known once it has been read to its end.
    """

    def __init__(self, path: Path, encoding: str, ledger: Ledger) -> None:
        self.path, self.open_ended = path, False
        self._encoding = None if encoding == AUTO else encoding
        self._ledger = ledger

    def __str__(self) -> str:
        return str(self.path)

    @property
    def not_decoded(self) -> str:
        """What is wrong with a line that is not of the file's encoding."""
        if self._encoding in (None, UTF8):
            return f"is not UTF-8 (of another encoding? then set {override('dataset.encoding', 'latin-1')})"
        return f"is not {self._encoding}"

    def open(self) -> BinaryIO:
        """The text as UTF-8 without a byte-order mark. A line that cannot be decoded is no UTF-8 here either.

        Raises:
            DataError: While it is read, for an archive that is damaged.
        """
        return io.BufferedReader(PieceStream(self._pieces()), _PIECE)

    def _pieces(self) -> Iterator[bytes]:
        first, last = True, b""
        for piece in self._decoded():
            if first and piece:
                piece, first = piece.removeprefix(_MARK), False
            if _MARK in piece and (piece.startswith(_MARK) or b"\n" + _MARK in piece):
                # As `cat` leaves it of files that have one each. No id or name begins with it.
                piece = piece.removeprefix(_MARK).replace(b"\n" + _MARK, b"\n")
                self._ledger.remark(f"{self.path}: lines that begin with a byte-order mark are read without it")
            last = piece[-1:] or last
            yield piece
        self.open_ended = last not in (b"", b"\n", b"\r")

    def _decoded(self) -> Iterator[bytes]:
        decoder, first = None, True
        for piece in self._lines():
            if self._encoding is None and first:
                self._encoding = next((name for mark, name in _MARKS.items() if piece.startswith(mark)), None)
                self._encoding = self._encoding or self._guess_without_mark(piece)
            first = False
            if self._encoding is None and not piece.isascii():
                self._encoding = self._guess(piece)
            if self._encoding in (None, UTF8):
                yield piece
                continue
            decoder = decoder or codecs.getincrementaldecoder(self._encoding)(_BROKEN)
            try:
                yield decoder.decode(piece).encode(UTF8, "surrogatepass")
            except UnicodeError as error:  # not of a character, such as a mark that is missing
                raise DataError(
                    f"{self.path} cannot be read as {self._encoding}: {error}; name another encoding"
                ) from None
        if decoder is not None:
            yield decoder.decode(b"", final=True).encode(UTF8, "surrogatepass")

    def _lines(self) -> Iterator[bytes]:
        """The bytes in pieces of whole lines."""
        with unpacked(self.path) as file:
            while piece := file.read(_PIECE):
                yield piece + file.readline()

    def _guess(self, piece: bytes) -> str:
        """UTF-8 or cp1252. The whole file is looked at only where its first line beyond ASCII is no UTF-8."""
        if _is_utf8(next(_beyond_ascii(piece))):
            return UTF8
        broken = 0
        for piece in self._lines():
            for line in _beyond_ascii(piece):
                if _is_utf8(line):
                    return UTF8
                broken += 1
        return self._tell(GUESSED) if broken > 1 else UTF8

    def _guess_without_mark(self, piece: bytes) -> str | None:
        """UTF-16 without its mark, in which every other byte of plain letters is 0."""
        even, odd = piece[:40:2], piece[1:40:2]
        for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
            if len(letters) > 3 and not any(zeros) and all(letters):
                return self._tell(name)
        return None

    def _tell(self, guess: str) -> str:
        self._ledger.remark(
            f"{self.path} is not UTF-8 and was read as {guess}, a guess",
            f"; name another encoding with dataset.encoding, such as {override('dataset.encoding', 'latin-1')}",
        )
        return guess


def _beyond_ascii(piece: bytes) -> Iterator[bytes]:
    return (line for line in piece.splitlines() if not line.isascii())


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
