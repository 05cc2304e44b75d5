"""Arrow files, also known as Feather version 2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import DataError

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.formats.format import Reading
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger

_MAGIC = b"ARROW1"


@frozen
class Arrow:
    """The Arrow file format. Streams are not supported, since only a file has its number of rows."""

    name: str = "arrow"
    options: frozenset[str] = frozenset()
    is_text: bool = False

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        import polars as pl

        from recframe.builtin.datasets.tabular.formats.columnar import columnar_source, readable

        if file.stat().st_size == 0:
            return None
        with readable(file, self.name):
            with file.open("rb") as content:
                if content.read(len(_MAGIC)) != _MAGIC:
                    raise DataError(
                        f"{file} cannot be read: it is not an Arrow file (Feather version 2), or it is truncated"
                    )
            lazy = pl.scan_ipc(file)
        return columnar_source(file, self.name, lazy)
