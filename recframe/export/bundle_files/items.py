"""The items of a bundle, with the fields that apps show."""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.plugin.catalogue import Catalogue
from recframe.runtime.encoding import number_of


def item_table(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Display fields by label id as text. Ids without an item are left out, so that a reader sees which they are.

    Empty where items have no display fields and every id has an item.
    """
    if not catalogue.shown and catalogue.known[1:].all():
        return {}
    return {
        str(label): {name: _plain(values[label]) for name, values in catalogue.shown.items()}
        for label in np.flatnonzero(catalogue.known).tolist()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.floating):
        return number_of(value)  # float32 0.1 is 0.1 here, as its text is, and not 0.10000000149
    return value.item() if isinstance(value, np.generic) else value
