"""JSON lines: one object per line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.formats.format import Reading
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger


@frozen
class JsonLines:
    """The JSON lines format. Values have types, and a key may be missing."""

    name: str = "jsonl"
    options: frozenset[str] = frozenset({"encoding"})
    is_text: bool = True

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        from recframe.builtin.datasets.tabular.formats.json_rows import json_batches, json_columns
        from recframe.builtin.datasets.tabular.formats.source import Source
        from recframe.builtin.datasets.tabular.formats.text import open_text

        text = open_text(file, reading.encoding, ledger)
        if text is None:
            return None
        keys = json_columns(text)
        return Source(
            str(text), tuple(keys), True, lambda columns, ids, ledger: json_batches(text, keys, columns, ids, ledger)
        )
