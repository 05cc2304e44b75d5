"""A class of options from plain values, as from a config: strict in types, and every mistake told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from recframe.errors import SpecError
from recframe.spec.structure import Problems, make_converter, structure_class

Options = TypeVar("Options")


def options_from(values: Mapping[str, Any], kind: type[Options]) -> Options:
    """An instance of the class.

    Raises:
        SpecError: for unknown keys, wrong types and values out of range, a line for each.
    """
    try:
        made: Options = structure_class(make_converter(), dict(values), kind)
    except Problems as found:
        raise SpecError(found.lines()) from None
    return made
