"""Describes the options of a class. `recframe describe` and the reference are made from these rows."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import attrs
from attrs import frozen

from recframe.spec.convert import default_values
from recframe.spec.option import constraint
from recframe.spec.structure import MISSING, type_name


@frozen
class OptionRow:
    """The description of one option.

    Attributes:
        name: Dotted for an option of an option: `columns.user`.
        default: A value that JSON can hold; None if the option has no default.
        nested: Whether the option has options of its own. Their rows follow this one.
    """

    name: str
    type: str
    required: bool
    default: Any
    constraint: str
    help: str
    nested: bool

    def cells(self, prefix: str = "") -> tuple[str, str, str, str, str]:
        """Option, type, default, values and meaning, as text for a table."""
        # The rows of the nested options show the parts of such a default.
        shown = "" if self.nested and self.default is not None else json.dumps(self.default)
        return prefix + self.name, self.type, "must be given" if self.required else shown, self.constraint, self.help


def option_rows(options: type) -> Iterator[OptionRow]:
    """A row for each option of an attrs class. Options of nested classes have dotted names."""
    return _rows(options, default_values(options), "", (options,))


def _rows(options: type, defaults: dict[str, Any], prefix: str, enclosing: tuple[type, ...]) -> Iterator[OptionRow]:
    for field in attrs.fields(attrs.resolve_types(options)):
        default, inner = defaults[field.name], _nested(field.type)
        if inner in enclosing:  # a class that contains itself would give rows without end
            inner = None
        yield OptionRow(
            name=prefix + field.name,
            type=type_name(field.type) if inner is None else type_name(field.type).replace(inner.__name__, "mapping"),
            required=default == MISSING,
            default=None if default == MISSING else default,
            constraint=constraint(field),
            help=field.metadata.get("help", ""),
            nested=inner is not None,
        )
        if inner is not None:
            own = default if isinstance(default, dict) else default_values(inner)
            yield from _rows(inner, own, f"{prefix}{field.name}.", (*enclosing, inner))


def _nested(annotation: Any) -> type | None:
    """The attrs class among the types that an option's value may have; None if there is none."""
    members = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return next((member for member in members if attrs.has(member)), None)
