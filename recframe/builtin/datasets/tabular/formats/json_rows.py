"""The objects of JSON lines, in batches of rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recframe import DataError
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.json_object import NOT_DECODED, json_object
from recframe.builtin.datasets.tabular.formats.json_series import ids_of, odd_one, refuse_mixed_ids, series_of
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger, short

if TYPE_CHECKING:
    import numpy as np

ROWS = 100_000  # read at once
SAMPLE = 1000  # lines that tell which columns there are


def json_columns(text: TextFile) -> list[str]:
    """The keys of the first lines, in the order in which they are met. Raises DataError where there are none."""
    columns: dict[str, None] = {}
    first = b""
    with text.open() as file:
        for line in itertools.islice(file, SAMPLE):
            first = first or line.removeprefix(b"\xef\xbb\xbf").strip()
            sample, _ = json_object(line)
            columns |= dict.fromkeys(sample or ())
    if not any(columns):
        holds = (
            "it holds a JSON array; write each of its objects on a line of its own, as `jq -c '.[]'` does"
            if first.startswith(b"[")
            else f"its first line is {short(first[:200].decode(errors='replace'))}"
            if first
            else f"its first {SAMPLE:,} lines are blank"
        )
        raise DataError(f"{text}: one JSON object with keys is expected on each line, and there is none: {holds}")
    return [name for name in columns if name]  # Polars has no column without a name


def json_batches(
    text: TextFile,
    known: Collection[str],
    names: Sequence[str],
    ids: Mapping[str, bool],
    ledger: Ledger,
) -> Iterator[RowBatch]:
    """The objects; a key that is missing is null.

    Args:
        known: What `json_columns` found. The ledger tells which other keys came too late.
        names: Those of them that are read.
        ids: Those of them whose values must be all whole numbers, or all text; and whether these stand in lists.

    Raises:
        DataError: For a line that is no object, unless such are skipped; for ids of mixed types.
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
        ledger.remarks.append(f"{text}: not in the first {SAMPLE:,} lines, and no feature sources: {shown}")


def _batch(
    text: TextFile, lines: np.ndarray, columns: Iterable[tuple[str, list[Any]]], ids: Mapping[str, bool]
) -> RowBatch:
    """The rows of some lines, from columns that come one at a time, which takes less memory."""
    import polars as pl

    series, odd = [], dict[str, tuple[str, str]]()
    for name, values in columns:
        if name in ids:
            refuse_mixed_ids(text, name, values, lines, ids[name])
            series.append(ids_of(name, values, ids[name]))
            continue
        if (at := odd_one(values)) is not None:
            odd[name] = f"{text}, line {lines[at]}", str(values[at])
        series.append(series_of(name, values))
    return RowBatch(pl.DataFrame(series), str(text), "line", lines, odd)


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
