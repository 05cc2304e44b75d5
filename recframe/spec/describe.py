"""The options of a class in words, of which `recframe describe` and the reference are made."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import attrs
from attrs import frozen

from recframe.spec.convert import options_of
from recframe.spec.option import constraint
from recframe.spec.structure import MISSING, type_name


@frozen
class OptionRow:
    """What is said of one option.

    Attributes:
        name: Dotted where it is an option of an option: `columns.user`.
        default: As JSON has it; None where a value must be given.
        nested: Whether it has options of its own, which are the rows that follow.
    """

    name: str
    type: str
    required: bool
    default: Any
    constraint: str
    help: str
    nested: bool

    def cells(self, prefix: str = "") -> tuple[str, str, str, str, str]:
        """Option, type, default, values and meaning, as people read them."""
        # The rows that follow have the parts of such a default one by one.
        shown = "" if self.nested and self.default is not None else json.dumps(self.default)
        return prefix + self.name, self.type, "must be given" if self.required else shown, self.constraint, self.help


def option_rows(options: type) -> Iterator[OptionRow]:
    """A row for each option of an attrs class, those of nested classes under their dotted names.

    `recframe describe` and the reference are both made of these rows.
    """
    return _rows(options, options_of(options), "", (options,))


def _rows(options: type, defaults: dict[str, Any], prefix: str, around: tuple[type, ...]) -> Iterator[OptionRow]:
    for field in attrs.fields(attrs.resolve_types(options)):
        default, inner = defaults[field.name], _nested(field.type)
        if inner in around:  # a class within itself: its options would have no end
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
            own = default if isinstance(default, dict) else options_of(inner)
            yield from _rows(inner, own, f"{prefix}{field.name}.", (*around, inner))


def _nested(annotation: Any) -> type | None:
    """The attrs class that an option's value is of, or may be of; None where it is another value."""
    members = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return next((member for member in members if attrs.has(member)), None)
