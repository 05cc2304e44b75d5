"""The formats by the ending of the file name.

The options list all formats, so a format imports its reader only when it opens a file.
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
#: The values of `dataset.format`.
FORMATS = (AUTO, *dict.fromkeys(format.name for format in ENDINGS.values()))


def format_called(name: str) -> Format:
    """The format with a name from `FORMATS`, except `auto`."""
    return next(format for format in ENDINGS.values() if format.name == name)
