"""Guesses the dialect of a csv or tsv file from its first lines, as far as the user does not set it."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence

from recframe import DataError, override
from recframe.builtin.datasets.tabular.formats.dialect import Dialect, csv_options, csv_problem
from recframe.builtin.datasets.tabular.formats.format import AUTO, Reading
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger, short

_SAMPLE, _LINE = 50, 1 << 16  # number of lines for the guess, and bytes that are read of each
_SEPARATORS = ";\t|,"
QUOTE = '"'
_ENCLOSED = re.compile(r'"(?:[^"]|"")*"')
#: A separator is accepted if at least this share of the first rows have as many fields as the first row. The second
#: share is for other separators, if the default separator does not occur in the first row.
_MOST_ROWS, _HALF_OF_ROWS = 0.9, 0.5
_NUMBER_OR_DATE = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?", re.ASCII
)


def dialect_of(text: TextFile, reading: Reading, default: str, quoted: bool, ledger: Ledger) -> Dialect:
    """The dialect of a file. The ledger gets a note on each guess.

    Args:
        default: The default separator of the format.
        quoted: Whether quotation marks may enclose values in the format.

    Raises:
        DataError: The columns have no valid names, or the options contradict each other.
    """
    lines = _first_lines(text)
    if reading.quote != AUTO:
        quote = None if reading.quote == "none" else reading.quote
    else:
        quote = QUOTE if quoted else _quote_of_tsv(text, lines, reading.separator or default, ledger)
    separator = reading.separator or _guessed(lines, default, quote)
    if separator == quote:
        raise DataError(f"{text}: dataset.quote and the separator are both {quote!r}; set dataset.separator")
    if separator != (reading.separator or default):
        ledger.remark(
            f"{text} is read with the separator {separator!r}, a guess", "; set another with dataset.separator"
        )
    records = _records(lines, separator, quote)
    names = _names_in(text, separator, quote) if reading.header else _numbered(records)
    lengths = {len(names), *(len(record) for record in records if not reading.header)}
    if reading.names and len(reading.names) not in lengths:
        raise DataError(
            f"{text}: dataset.names has {len(reading.names)} names, but the first rows have {len(names)} fields; give "
            "one name for each"
        )
    suspect = reading.header and not reading.names and _looks_like_a_row(names, records[1:])
    if suspect:
        ledger.remark(
            f"{text}, line 1 is read as column names, but looks like a row",
            f": {short(separator.join(names))}; if it is one, set {override(reading.header_option, False)}",
        )
    names = reading.names or names
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise DataError(
            f"{text}, line 1: two columns are called {twice!r}; rename one, or name all columns in dataset.names"
        )
    return Dialect(separator, quote, reading.header, names, suspect)


def _first_lines(text: TextFile) -> list[bytes]:
    with text.open() as file:
        return list(itertools.islice(iter(lambda: file.readline(_LINE), b""), _SAMPLE))


def _records(lines: Sequence[bytes], separator: str, quote: str | None) -> list[list[str]]:
    """The first rows as the csv module reads them, up to its first error. Blank lines are ignored."""
    whole = io.StringIO(b"".join(lines).decode(errors="replace").replace("\r\n", "\n"), newline="")
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        records.extend(record for record in csv.reader(whole, **csv_options(separator, quote)) if record)
    return records[:-1] if len(lines) == _SAMPLE else records  # the last row may be incomplete


def _quote_of_tsv(text: TextFile, lines: Sequence[bytes], separator: str, ledger: Ledger) -> str | None:
    """The quote of a format without quotes: None, unless quotation marks enclose every value of line 1."""
    enclosed = [[_ENCLOSED.fullmatch(value) for value in record] for record in _records(lines, separator, None)]
    if enclosed and all(enclosed[0]):
        ledger.remark(
            f"{text}: quotation marks enclose every value of line 1, so they are read as quotes",
            f"; if they are text, set {override('dataset.quote', 'none')}",
        )
        return QUOTE
    if any(any(record) for record in enclosed):
        ledger.remark(
            f"{text}: quotation marks are text in tsv, but they enclose some values",
            f"; if they are quotes, set {override('dataset.quote', QUOTE)}",
        )
    return None


def _guessed(lines: Sequence[bytes], default: str, quote: str | None) -> str:
    """The default separator, unless the first lines have several columns only with another one."""
    share = _MOST_ROWS
    separators: tuple[str, ...] = (default, *_SEPARATORS)
    for separator in (separator for separator in separators if separator != quote):
        lengths = [len(record) for record in _records(lines, separator, quote)]
        if lengths and lengths[0] > 1 and lengths.count(lengths[0]) >= share * len(lengths):
            return separator
        if separator == default and lengths[:1] == [1]:
            share = _HALF_OF_ROWS
    return default


def _names_in(text: TextFile, separator: str, quote: str | None) -> tuple[str, ...]:
    """The names in line 1. A column without a name gets one by its position, such as `column_1`."""
    with text.open() as file:
        first = file.readline()
    try:
        names = next(csv.reader([first.decode()], strict=True, **csv_options(separator, quote)), [])
    except UnicodeDecodeError:
        raise DataError(f"{text}, line 1: the text {text.not_decoded}") from None
    except csv.Error as error:
        raise DataError(
            f"{text}, line 1: the column names cannot be read; correct the line: it {csv_problem(error)}"
        ) from None
    if not names:
        raise DataError(f"{text}, line 1: the line is empty, but it must have the names of the columns")
    return tuple(name or f"column_{place}" for place, name in enumerate(names, 1))


def _numbered(records: Sequence[list[str]]) -> tuple[str, ...]:
    """The names `column_1` and so on, for the most frequent number of fields in the first rows."""
    counts = Counter(map(len, records)).most_common(1)
    return tuple(f"column_{place}" for place in range(1, (counts[0][0] if counts else 1) + 1))


def _looks_like_a_row(names: Sequence[str], records: Sequence[list[str]]) -> bool:
    """Whether a name is a number or a date, or equals a value of its column, or all names have the form of values."""
    if any(_NUMBER_OR_DATE.fullmatch(name.strip()) for name in names):
        return True
    rows = [record for record in records if len(record) == len(names)]
    if any(name == value for row in rows for name, value in zip(names, row, strict=True)):
        return True
    alike = bool(rows) and all(_shape(name) == _shape(value) for name, value in zip(names, rows[0], strict=True))
    return alike and any(re.search(r"\d", name) for name in names)


def _shape(text: str) -> str:
    """The form of a text by kinds of characters: `A9-a` for `N108-click`."""
    kinds = re.sub(r"[^\W\d_]+", lambda word: "A" if word[0][0].isupper() else "a", text)
    return re.sub(r"\d+", "9", kinds)
