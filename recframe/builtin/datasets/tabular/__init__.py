"""The user's own interactions, from files or from tables in Python.

`dataset` reads files and `tables` reads tables in Python. `build` makes the interactions for both:

- `plan` decides which columns of which sources are read, and reports errors that are known before a row is read;
- `events` reads the sources, which `formats` opens, in batches: `clean`, `times`, `event_kinds` and `item_lists` check
  and convert each row, `codes` and `extras` collect the values, and `ledger` counts skipped and filtered rows;
- `finish` sorts the events, filters them (`filters`), and joins them with `attributes`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.options import ColumnOptions, TabularOptions
    from recframe.builtin.datasets.tabular.tables import from_table

_MODULES = {"ColumnOptions": "options", "TabularOptions": "options", "from_table": "tables"}


def __getattr__(name: str) -> Any:
    """Import a name at its first use, since listing plugins needs none of them."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


__all__ = ["ColumnOptions", "TabularOptions", "from_table"]
