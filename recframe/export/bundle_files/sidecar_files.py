"""The text files of a bundle: vocabularies, items, golden inputs and outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recframe.data.vocabularies import write_lines
from recframe.errors import DataError, ExportError
from recframe.export.bundle_files.golden import golden_entries
from recframe.export.bundle_files.items import item_table
from recframe.plugin.exporting import ExportContext


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON. Raises ValueError for NaN and infinities, which JSON does not have."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def write_sidecar_files(context: ExportContext) -> None:
    """Vocabularies, item titles, golden inputs and outputs."""
    catalogue, folder = context.catalogue, context.folder
    (folder / "vocab").mkdir()
    try:
        write_lines(catalogue.labels, catalogue.features, folder / "vocab")
    except DataError as error:
        raise ExportError(str(error)) from None
    if items := item_table(catalogue):
        write_json(folder / "items.json", items)
    write_json(folder / "golden.json", golden_entries(context))
