"""The lines for a csv reader, for rows that may have several lines. The lines of an invalid row can be read again."""

from __future__ import annotations

import io
import itertools
from collections import deque
from typing import BinaryIO

SPAN = 100  # the largest number of lines of a row, which bounds the work after an unclosed quotation mark


class UnclosedQuoteError(Exception):
    """A row has more than `SPAN` lines."""


class QuotedLines:
    """The lines of a chunk as text, and further lines of the file if a row continues after the chunk.

    Attributes:
        number: The number of the last line.
        row: The lines of the current row.
        broken: Whether a line of the current row cannot be decoded.
    """

    def __init__(self, chunk: bytes, file: BinaryIO, number: int) -> None:
        self._lines = itertools.chain(io.BytesIO(chunk), file)
        self.number, self.broken = number - 1, False
        self._taken, self._length = 0, len(chunk)
        self.row, self._again = list[bytes](), deque[bytes]()  # `_again`: lines that are returned once more

    def __iter__(self) -> QuotedLines:
        return self

    def __next__(self) -> str:
        if len(self.row) >= SPAN:
            raise UnclosedQuoteError
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        self._taken += len(line)
        self.row.append(line)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.broken = True
            return line.decode(errors="replace")

    @property
    def ended(self) -> bool:
        """Whether all lines of the chunk have been returned."""
        return self._taken >= self._length

    @property
    def next_line(self) -> int:
        return self.number + 1

    @property
    def rest(self) -> bytes:
        """Lines after the chunk that were read but belong to later rows."""
        return b"".join(self._again)

    def start_row(self) -> None:
        self.row, self.broken = [], False

    def keep_first_line(self) -> str:
        """Return the first line of the row. The other lines will be returned again as later rows."""
        first, *others = self.row
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        self._taken -= sum(map(len, others))
        try:
            text, self.broken = first.decode(), False
        except UnicodeDecodeError:
            text, self.broken = first.decode(errors="replace"), True
        return text
