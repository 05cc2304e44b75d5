"""Opens the files of a path."""

from __future__ import annotations

from recframe import DataError
from recframe.builtin.datasets.tabular.formats.format import Reading
from recframe.builtin.datasets.tabular.formats.paths import find_shards
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger

MAX_COLUMNS = 4_096  # more columns mean a wrong separator, or a table that is not a list of events


def open_shards(path: str, reading: Reading, option: str, ledger: Ledger) -> list[Source]:
    """Open the files of a path that are not empty.

    Args:
        option: The option with the path, for messages.

    Raises:
        DataError: All files are empty, or one cannot be read.
    """
    shards = find_shards(path, reading.format, option)
    format = shards.format
    if "names" not in format.options and reading.names:
        raise DataError(f"{option}: {path} is {format.name}, which has column names; remove dataset.names")
    if option == "dataset.path" and (unused := reading.unused_options(format)):
        ledger.remark(f"{path} is {format.name}: these options have no effect for it: {', '.join(unused)}")
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
                f"{source.name} has {len(source.columns):,} columns, but at most {MAX_COLUMNS:,} are allowed: if its "
                "separator is right, write a file with only the columns that are needed"
            )
        sources.append(source)
    if not sources:
        raise DataError(f"{option}: {path} is empty: it has no rows")
    return sources
