"""Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.formats.format import Reading
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger


@frozen
class Parquet:
    """One file each: hive partitions would be columns that no file has."""

    name: str = "parquet"
    options: frozenset[str] = frozenset()
    is_text: bool = False

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        import polars as pl

        from recframe.builtin.datasets.tabular.formats.columnar import columnar_source, readable

        if file.stat().st_size == 0:
            return None
        with readable(file, self.name):
            lazy = pl.scan_parquet(file, glob=False, hive_partitioning=False)
        return columnar_source(file, self.name, lazy)
