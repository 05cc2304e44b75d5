"""Reads the objects of JSON lines in batches of rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recframe import DataError
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.json_object import NOT_DECODED, json_object
from recframe.builtin.datasets.tabular.formats.json_series import (
    first_text_among_numbers,
    refuse_mixed_ids,
    to_id_series,
    to_series,
)
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger, short

if TYPE_CHECKING:
    import numpy as np

ROWS = 100_000  # rows in a batch
SAMPLE = 1000  # the keys of this many first lines are the columns


def json_columns(text: TextFile) -> list[str]:
    """The keys of the first lines, in order of appearance. Raises DataError if there are none."""
    columns: dict[str, None] = {}
    first = b""
    with text.open() as file:
        for line in itertools.islice(file, SAMPLE):
            first = first or line.removeprefix(b"\xef\xbb\xbf").strip()
            sample, _ = json_object(line)
            columns |= dict.fromkeys(sample or ())
    if not any(columns):
        holds = (
            "it holds a JSON array; write each of its objects on its own line, for example with `jq -c '.[]'`"
            if first.startswith(b"[")
            else f"its first line is {short(first[:200].decode(errors='replace'))}"
            if first
            else f"its first {SAMPLE:,} lines are blank"
        )
        raise DataError(f"{text}: expected a JSON object with keys on each line, but there is none: {holds}")
    return [name for name in columns if name]  # a Polars column needs a name


def json_batches(
    text: TextFile,
    known: Collection[str],
    names: Sequence[str],
    ids: Mapping[str, bool],
    ledger: Ledger,
) -> Iterator[RowBatch]:
    """The rows; a missing key is null.

    Args:
        known: The result of `json_columns`. The ledger gets a note on other keys.
        names: The columns to read.
        ids: The columns of ids, whose values must all be whole numbers or all be text; and whether these are in lists.

    Raises:
        DataError: A line is not an object, and invalid rows are not skipped; or ids have mixed types.
    """
    import numpy as np

    late: set[str] = set()
    with text.open() as file:
        objects = _objects(text, file, ledger)
        while rows := list(itertools.islice(objects, ROWS)):
            lines = np.array([line for line, _ in rows])
            columns = ((name, [record.get(name) for _, record in rows]) for name in names)
            late |= {key for _, record in rows for key in record if key}.difference(known)
            yield _batch(text, lines, columns, ids)
    if late:
        shown = ", ".join(map(repr, sorted(late)[:5])) + (", ..." if len(late) > 5 else "")
        ledger.remarks.append(
            f"{text}: no feature can read these keys, since they are not in the first {SAMPLE:,} lines: {shown}"
        )


def _batch(
    text: TextFile, lines: np.ndarray, columns: Iterable[tuple[str, list[Any]]], ids: Mapping[str, bool]
) -> RowBatch:
    """Make a batch. The columns come one at a time to save memory."""
    import polars as pl

    series, first_texts = [], dict[str, tuple[str, str]]()
    for name, values in columns:
        if name in ids:
            refuse_mixed_ids(text, name, values, lines, ids[name])
            series.append(to_id_series(name, values, ids[name]))
            continue
        if (at := first_text_among_numbers(values)) is not None:
            first_texts[name] = f"{text}, line {lines[at]}", str(values[at])
        series.append(to_series(name, values))
    return RowBatch(pl.DataFrame(series), str(text), "line", lines, first_texts)


def _objects(text: TextFile, lines: Iterable[bytes], ledger: Ledger) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        ledger.read += 1
        record, problem = json_object(line)
        if record is None:
            problem = text.not_decoded if problem == NOT_DECODED else problem
            ledger.bad(f"{text}, line {number}", problem, line.decode(errors="replace").rstrip("\r\n"))
        else:
            yield number, record
