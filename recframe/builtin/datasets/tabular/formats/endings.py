"""The table of the formats: which ending of a file's name tells which.

The options name them all, so what a format needs to read a file is imported when it opens one.
"""

from __future__ import annotations

from recframe.builtin.datasets.tabular.formats.arrow import Arrow
from recframe.builtin.datasets.tabular.formats.csv import Separated
from recframe.builtin.datasets.tabular.formats.format import AUTO, Format
from recframe.builtin.datasets.tabular.formats.json_lines import JsonLines
from recframe.builtin.datasets.tabular.formats.parquet import Parquet

_CSV, _TSV = Separated("csv", ",", quoted=True), Separated("tsv", "\t", quoted=False)
ENDINGS: dict[str, Format] = {
    ".csv": _CSV,
    ".tsv": _TSV,
    ".tab": _TSV,
    ".jsonl": JsonLines(),
    ".ndjson": JsonLines(),
    ".json": JsonLines(),
    ".parquet": Parquet(),
    ".pq": Parquet(),
    ".arrow": Arrow(),
    ".feather": Arrow(),
    ".ipc": Arrow(),
}
#: What `dataset.format` may be.
FORMATS = (AUTO, *dict.fromkeys(format.name for format in ENDINGS.values()))


def format_called(name: str) -> Format:
    """One of `FORMATS` but `auto`."""
    return next(format for format in ENDINGS.values() if format.name == name)
