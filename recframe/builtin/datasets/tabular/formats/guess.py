"""How a file of csv or tsv is written, guessed from its first lines where the user does not say."""

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

_SAMPLE, _LINE = 50, 1 << 16  # lines that tell the separator, and bytes read of each
_MARKS = ";\t|,"
QUOTE = '"'
_ENCLOSED = re.compile(r'"(?:[^"]|"")*"')
#: The share of the first rows that have as many fields as the first, for a separator to be the right one; and the same
#: of another than the default, where the default leaves the first row whole.
_ALIKE, _RATHER = 0.9, 0.5
_NUMBER_OR_DATE = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?", re.ASCII
)


def dialect_of(text: TextFile, reading: Reading, default: str, quoted: bool, ledger: Ledger) -> Dialect:
    """The dialect, what is guessed of it told in the ledger.

    Args:
        default: The separator of the format.
        quoted: Whether quotation marks enclose values in the format.

    Raises:
        DataError: Where the columns cannot be named.
    """
    lines = _first_lines(text)
    if reading.quote != AUTO:
        quote = None if reading.quote == "none" else reading.quote
    else:
        quote = QUOTE if quoted else _rare_quote(text, lines, reading.separator or default, ledger)
    separator = reading.separator or _guessed(lines, default, quote)
    if separator == quote:
        raise DataError(f"{text}: dataset.quote is {quote!r}, and so is the separator; name dataset.separator")
    if separator != (reading.separator or default):
        ledger.remark(
            f"{text} is read with {separator!r} between its values, a guess", "; name another in dataset.separator"
        )
    records = _records(lines, separator, quote)
    names = _names_in(text, separator, quote) if reading.header else _numbered(records)
    lengths = {len(names), *(len(record) for record in records if not reading.header)}
    if reading.names and len(reading.names) not in lengths:
        raise DataError(
            f"{text}: dataset.names has {len(reading.names)} names, and the first rows have {len(names)} fields; "
            "give a name for each"
        )
    suspect = reading.header and not reading.names and _looks_like_a_row(names, records[1:])
    if suspect:
        ledger.remark(
            f"{text}, line 1 is taken for the names of the columns, and looks like a row",
            f": {short(separator.join(names))}; if it is one, set {override(reading.header_option, False)}",
        )
    names = reading.names or names
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise DataError(f"{text}, line 1: two columns are called {twice!r}; rename one, or give all of dataset.names")
    return Dialect(separator, quote, reading.header, names, suspect)


def _first_lines(text: TextFile) -> list[bytes]:
    with text.open() as file:
        return list(itertools.islice(iter(lambda: file.readline(_LINE), b""), _SAMPLE))


def _records(lines: Sequence[bytes], separator: str, quote: str | None) -> list[list[str]]:
    """The first rows as the csv module has them, as far as it has them; blank lines are none."""
    whole = io.StringIO(b"".join(lines).decode(errors="replace").replace("\r\n", "\n"), newline="")
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        records.extend(record for record in csv.reader(whole, **csv_options(separator, quote)) if record)
    return records[:-1] if len(lines) == _SAMPLE else records  # the last may go on


def _rare_quote(text: TextFile, lines: Sequence[bytes], separator: str, ledger: Ledger) -> str | None:
    """What encloses values in a format that has no quotes: nothing, unless every value of line 1 is enclosed."""
    enclosed = [[_ENCLOSED.fullmatch(value) for value in record] for record in _records(lines, separator, None)]
    if enclosed and all(enclosed[0]):
        ledger.remark(
            f"{text}: quotation marks enclose every value of line 1, and are taken for quotes",
            f"; where they are text, set {override('dataset.quote', 'none')}",
        )
        return QUOTE
    if any(any(record) for record in enclosed):
        ledger.remark(
            f"{text}: quotation marks are text in tsv, and some values stand between two of them",
            f"; where they are quotes, set {override('dataset.quote', QUOTE)}",
        )
    return None


def _guessed(lines: Sequence[bytes], default: str, quote: str | None) -> str:
    """The default, unless the first lines read as several columns with another separator alone."""
    share = _ALIKE
    marks: tuple[str, ...] = (default, *_MARKS)
    for mark in (mark for mark in marks if mark != quote):
        lengths = [len(record) for record in _records(lines, mark, quote)]
        if lengths and lengths[0] > 1 and lengths.count(lengths[0]) >= share * len(lengths):
            return mark
        if mark == default and lengths[:1] == [1]:
            share = _RATHER
    return default


def _names_in(text: TextFile, separator: str, quote: str | None) -> tuple[str, ...]:
    """The names in line 1; a column without a name is called `column_1`, by its place."""
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
        raise DataError(f"{text}, line 1: the line is empty, and must name the columns")
    return tuple(name or f"column_{place}" for place, name in enumerate(names, 1))


def _numbered(records: Sequence[list[str]]) -> tuple[str, ...]:
    """`column_1` and so on, as many as most of the first rows have fields."""
    counts = Counter(map(len, records)).most_common(1)
    return tuple(f"column_{place}" for place in range(1, (counts[0][0] if counts else 1) + 1))


def _looks_like_a_row(names: Sequence[str], records: Sequence[list[str]]) -> bool:
    """Whether there is a number or a date among names, a name among the values below it, or all are like these."""
    if any(_NUMBER_OR_DATE.fullmatch(name.strip()) for name in names):
        return True
    rows = [record for record in records if len(record) == len(names)]
    if any(name == value for row in rows for name, value in zip(names, row, strict=True)):
        return True
    alike = bool(rows) and all(_shape(name) == _shape(value) for name, value in zip(names, rows[0], strict=True))
    return alike and any(re.search(r"\d", name) for name in names)


def _shape(text: str) -> str:
    """The kinds of character that follow each other: `A9-a` for `N108-click`."""
    kinds = re.sub(r"[^\W\d_]+", lambda word: "A" if word[0][0].isupper() else "a", text)
    return re.sub(r"\d+", "9", kinds)
