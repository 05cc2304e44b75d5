"""What a bundle says of its items."""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.plugin.catalogue import Catalogue
from recframe.runtime.encoding import number_of


def item_table(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Display fields by label id as text. Empty where there are none and every id has an item; where some ids have no
    item, this is where a reader sees which.
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
        return number_of(value)  # a narrow float has the digits here that its text has
    return value.item() if isinstance(value, np.generic) else value
