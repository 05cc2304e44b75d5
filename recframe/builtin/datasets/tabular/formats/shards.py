"""The files behind a path, opened."""

from __future__ import annotations

from recframe import DataError
from recframe.builtin.datasets.tabular.formats.format import Reading
from recframe.builtin.datasets.tabular.formats.paths import find_shards
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger

MAX_COLUMNS = 4_096  # each of which becomes a feature's source: more is another kind of table, or a wrong separator


def open_shards(path: str, reading: Reading, option: str, ledger: Ledger) -> list[Source]:
    """The files behind a path that have anything in them.

    Args:
        option: What the path was given in, for messages.

    Raises:
        DataError: Where there is none, or one cannot be read.
    """
    shards = find_shards(path, reading.format, option)
    format = shards.format
    if "names" not in format.options and reading.names:
        raise DataError(f"{option}: {path} is {format.name}, which names its columns itself; leave out dataset.names")
    if option == "dataset.path" and (idle := reading.idle(format)):
        ledger.remark(f"{path} is {format.name}: {', '.join(idle)} change nothing of how it is read")
    sources = []
    for file in shards.files:
        try:
            source = format.open(file, reading, ledger)
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror or error}") from None
        if source is None:
            ledger.remarks.append(f"{file} is empty and was skipped")
            continue
        if len(source.columns) > MAX_COLUMNS:
            raise DataError(
                f"{source.name} has {len(source.columns):,} columns, and up to {MAX_COLUMNS:,} are read: if its "
                "separator is right, write a file of the columns that are needed"
            )
        sources.append(source)
    if not sources:
        raise DataError(f"{option}: {path} is empty: there are no rows")
    return sources
