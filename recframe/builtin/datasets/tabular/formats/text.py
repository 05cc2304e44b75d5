"""A file of text, whatever its packing and its encoding: what readers see of it is UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from recframe import DataError, override
from recframe.builtin.datasets.tabular.formats.encoding import (
    UTF8,
    marked_encoding,
    starts_as_utf8,
    utf8_or_cp1252,
    utf_16_without_mark,
)
from recframe.builtin.datasets.tabular.formats.format import AUTO
from recframe.builtin.datasets.tabular.formats.packed import PieceStream, unpacked
from recframe.builtin.datasets.tabular.ledger import Ledger

_PIECE = 1 << 20  # bytes decoded at once
_MARK = codecs.BOM_UTF8
_BROKEN = "recframe.broken"
# Half a surrogate pair is no UTF-8, so that a line with what the encoding does not know is refused by every reader.
codecs.register_error(_BROKEN, lambda error: ("\udc80", getattr(error, "end", 0)))


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
                self._encoding = marked_encoding(piece) or self._tell(utf_16_without_mark(piece))
            first = False
            if self._encoding is None and not piece.isascii():
                # The whole file is looked at only where its first line beyond ASCII is no UTF-8.
                self._encoding = UTF8 if starts_as_utf8(piece) else self._tell(utf8_or_cp1252(self._lines()))
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

    def _tell(self, guess: str | None) -> str | None:
        """The guess, which the user is told unless it is what text is in anyway."""
        if guess not in (None, UTF8):
            self._ledger.remark(
                f"{self.path} is not UTF-8 and was read as {guess}, a guess",
                f"; name another encoding with dataset.encoding, such as {override('dataset.encoding', 'latin-1')}",
            )
        return guess


def open_text(path: Path, encoding: str, ledger: Ledger) -> TextFile | None:
    """A file of text; None where nothing is in it."""
    text = TextFile(path, encoding, ledger)
    with text.open() as content:
        return text if content.read(1) else None
