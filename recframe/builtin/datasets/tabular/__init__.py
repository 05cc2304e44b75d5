"""Anyone's interactions: files of rows, or a table in Python.

`dataset` reads files and `tables` reads what Python has; `build` does it for both:

- `plan` says which columns of which sources are read, and refuses what can be refused before a row is read;
- `events` reads the sources, which `formats` opens, a batch at a time: `clean`, `times`, `event_kinds` and `item_lists`
  keep the parts of each row that count, `codes` and `extras` gather them, `ledger` counts what becomes of every row;
- `finish` sorts and filters (`filters`) the events, and joins them with `attributes`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.options import ColumnOptions, TabularOptions
    from recframe.builtin.datasets.tabular.tables import from_table

_PLACES = {"ColumnOptions": "options", "TabularOptions": "options", "from_table": "tables"}


def __getattr__(name: str) -> Any:
    """Imported when first asked for: a list of plugins needs none of it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)


__all__ = ["ColumnOptions", "TabularOptions", "from_table"]
