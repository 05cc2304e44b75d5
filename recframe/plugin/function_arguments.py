"""Checks that the functions of a contribution take the arguments that recframe gives them.

An exporter would otherwise fail only after training.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from recframe.errors import PluginError
from recframe.plugin.origin import placed
from recframe.plugin.types import Contribution

#: What each function is called with, by place.
ARGUMENTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "encoder": {"build": ("options", "context"), "causal": ("options",), "warn": ("options", "context")},
    "feature": {"encode": ("options", "values"), "build": ("options", "context")},
    "loss": {"build": ("options", "context"), "compared": ("options", "labels", "targets")},
    "dataset": {
        "load": ("options", "context"),
        "check": ("options",),
        "from_table": ("table", "options", "context"),
        "files": ("options", "context"),
    },
    "exporter": {"export": ("options", "context")},
    "command": {"run": ("words",)},
}


def require_arguments(contribution: Contribution) -> None:
    """Raise PluginError, with its place, for a function that cannot be called as it will be."""
    for name, arguments in ARGUMENTS[contribution.kind].items():
        function = getattr(contribution, name)
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # code that is not Python's has none
            continue
        try:
            signature.bind(*arguments)
        except TypeError:
            with placed(function):
                raise PluginError(
                    f"{type(contribution).__name__} {contribution.name!r}: {name} takes {signature}; it is called as "
                    f"{name}({', '.join(arguments)})"
                ) from None
