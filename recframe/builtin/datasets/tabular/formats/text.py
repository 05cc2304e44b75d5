"""A text file with any compression and encoding, which readers see as UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from recframe import DataError, override
from recframe.builtin.datasets.tabular.formats.encoding import (
    UTF8,
    encoding_of_bom,
    first_line_is_utf8,
    utf8_or_cp1252,
    utf_16_without_bom,
)
from recframe.builtin.datasets.tabular.formats.format import AUTO
from recframe.builtin.datasets.tabular.formats.packed import PieceStream, unpacked
from recframe.builtin.datasets.tabular.ledger import Ledger

_PIECE = 1 << 20  # bytes decoded at once
_BOM = codecs.BOM_UTF8
_BROKEN = "recframe.broken"
# Bytes that cannot be decoded become half a surrogate pair. This is invalid UTF-8, so every reader rejects the line.
codecs.register_error(_BROKEN, lambda error: ("\udc80", getattr(error, "end", 0)))


class TextFile:
    """A text file.

    Args:
        encoding: A result of `known_encoding`. `auto` uses a byte-order mark, or guesses: UTF-16 if every other byte is
            0; cp1252 if at least two lines are not UTF-8 and all others are ASCII; otherwise UTF-8. The ledger gets a
            note on a guess of UTF-16 or cp1252.

    Attributes:
        path: The path of the file.
        open_ended: Whether the last line has no line end. Known after the file is read to its end.
    """

    def __init__(self, path: Path, encoding: str, ledger: Ledger) -> None:
        self.path, self.open_ended = path, False
        self._encoding = None if encoding == AUTO else encoding
        self._ledger = ledger

    def __str__(self) -> str:
        return str(self.path)

    @property
    def not_decoded(self) -> str:
        """The problem of a line that does not have the file's encoding."""
        if self._encoding in (None, UTF8):
            return f"is not UTF-8 (for another encoding, set for example {override('dataset.encoding', 'latin-1')})"
        return f"is not {self._encoding}"

    def open(self) -> BinaryIO:
        """The text as UTF-8 without a byte-order mark. A line that cannot be decoded becomes invalid UTF-8.

        Raises:
            DataError: The archive is damaged. This may be raised while reading.
        """
        return io.BufferedReader(PieceStream(self._pieces()), _PIECE)

    def _pieces(self) -> Iterator[bytes]:
        first, last = True, b""
        for piece in self._decoded():
            if first and piece:
                piece, first = piece.removeprefix(_BOM), False
            if _BOM in piece and (piece.startswith(_BOM) or b"\n" + _BOM in piece):
                # Concatenated files leave such marks at the begin of lines. No id or name begins with one.
                piece = piece.removeprefix(_BOM).replace(b"\n" + _BOM, b"\n")
                self._ledger.remark(f"{self.path}: byte-order marks at the begin of lines are ignored")
            last = piece[-1:] or last
            yield piece
        self.open_ended = last not in (b"", b"\n", b"\r")

    def _decoded(self) -> Iterator[bytes]:
        decoder, first = None, True
        for piece in self._lines():
            if self._encoding is None and first:
                self._encoding = encoding_of_bom(piece) or self._tell(utf_16_without_bom(piece))
            first = False
            if self._encoding is None and not piece.isascii():
                # The whole file is checked only if its first line with other characters than ASCII is not UTF-8.
                self._encoding = UTF8 if first_line_is_utf8(piece) else self._tell(utf8_or_cp1252(self._lines()))
            if self._encoding in (None, UTF8):
                yield piece
                continue
            decoder = decoder or codecs.getincrementaldecoder(self._encoding)(_BROKEN)
            try:
                yield decoder.decode(piece).encode(UTF8, "surrogatepass")
            except UnicodeError as error:  # a problem of the whole file, such as a missing byte-order mark
                raise DataError(
                    f"{self.path} cannot be read as {self._encoding}: {error}; set another encoding"
                ) from None
        if decoder is not None:
            yield decoder.decode(b"", final=True).encode(UTF8, "surrogatepass")

    def _lines(self) -> Iterator[bytes]:
        """The decompressed bytes in pieces of whole lines."""
        with unpacked(self.path) as file:
            while piece := file.read(_PIECE):
                yield piece + file.readline()

    def _tell(self, guess: str | None) -> str | None:
        """Return the guess, and tell the user unless it is UTF-8."""
        if guess not in (None, UTF8):
            self._ledger.remark(
                f"{self.path} is not UTF-8 and was read as {guess}, a guess",
                f"; if this is wrong, set another encoding, such as {override('dataset.encoding', 'latin-1')}",
            )
        return guess


def open_text(path: Path, encoding: str, ledger: Ledger) -> TextFile | None:
    """Open a text file; None if it is empty."""
    text = TextFile(path, encoding, ledger)
    with text.open() as content:
        return text if content.read(1) else None
