"""The lines of rows whose quoted values may go on in other lines; those of a broken row can be given once more."""

from __future__ import annotations

import io
import itertools
from collections import deque
from typing import BinaryIO

SPAN = 100  # lines that a row may span; as many are read again where a quotation mark is not closed


class EndlessError(Exception):
    """A row goes on over more than `SPAN` lines."""


class QuotedLines:
    """The lines of a chunk as text, and of the file behind it where a quoted value goes on.

    Attributes:
        number: The line that was given last.
        row: The lines of the row that is being read.
        broken: Whether a line of the row cannot be decoded.
    """

    def __init__(self, chunk: bytes, file: BinaryIO, number: int) -> None:
        self._lines = itertools.chain(io.BytesIO(chunk), file)
        self.number, self.broken = number - 1, False
        self._taken, self._length = 0, len(chunk)
        self.row, self._again = list[bytes](), deque[bytes]()  # the latter are given once more

    def __iter__(self) -> QuotedLines:
        return self

    def __next__(self) -> str:
        if len(self.row) >= SPAN:
            raise EndlessError
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
        """Whether all lines of the chunk have been given."""
        return self._taken >= self._length

    @property
    def next_line(self) -> int:
        return self.number + 1

    @property
    def rest(self) -> bytes:
        """What was read beyond the chunk and belongs to rows that come after it."""
        return b"".join(self._again)

    def start_row(self) -> None:
        self.row, self.broken = [], False

    def keep_first(self) -> str:
        """Give all lines of the row but its first once more. The first."""
        first, *others = self.row
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        self._taken -= sum(map(len, others))
        try:
            text, self.broken = first.decode(), False
        except UnicodeDecodeError:
            text, self.broken = first.decode(errors="replace"), True
        return text
