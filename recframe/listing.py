"""What `recframe plugins` and `recframe describe` print."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import attrs
from attrs import frozen
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recframe.converter import options_of
from recframe.errors import UnknownNameError
from recframe.manager import PluginInfo, load_plugins, plugin_infos
from recframe.registry import KINDS
from recframe.specs import constraint
from recframe.structuring import MISSING, type_name
from recframe.terminal import printable, printable_lines

_COLOURS = {"ok": "green", "failed": "red", "disabled": "dim"}


def print_plugins(kind: str | None, as_json: bool) -> None:
    """Every plugin with its status; of one kind, those that give it and those of which nobody knows."""
    singular = load_plugins().of(kind).kind if kind else None
    infos = [info for info in plugin_infos() if not singular or singular in info.contributions or info.status != "ok"]
    if as_json:
        print(json.dumps([attrs.asdict(info) for info in infos], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("plugin", "version", "status", "gives"):
        table.add_column(heading, overflow="fold")
    for info in infos:
        colour = _COLOURS[info.status]
        table.add_row(escape(info.name), info.version, f"[{colour}]{info.status}[/]", escape(_gives(info, singular)))
    console = _console()
    console.print(table)
    for info in infos:
        if info.error:
            error = escape(printable_lines(info.error))
            console.print(f"[red]{escape(info.name)}[/] ({info.distribution} {info.version}): {error}")


def _console() -> Console:
    # Into a pipe rich would fold at 80 columns, and a program would read halves of names.
    return Console() if sys.stdout.isatty() else Console(width=160)


def _gives(info: PluginInfo, kind: str | None) -> str:
    kinds = {key: names for key, names in info.contributions.items() if kind in (None, key)}
    return ", ".join(f"{key}/{name}" for key, names in kinds.items() for name in names)


def describe(name: str) -> dict[str, Any]:
    """A contribution as plain data: where it comes from, and every option.

    Raises:
        UnknownNameError: Where there is no such kind or name.
    """
    kind, slash, short = name.partition("/")
    if not slash:
        holders = [key for key in KINDS if name in load_plugins().of(key)]
        hint = f"; did you mean {holders[0]}/{name}?" if holders else ""
        raise UnknownNameError(f"{name!r}: write KIND/NAME, as encoder/cnn{hint}")
    registry = load_plugins().of(kind)
    contribution = registry[short]
    return {
        "kind": registry.kind,
        "name": short,
        "summary": contribution.summary,
        "source": registry.source(short),
        "options": [attrs.asdict(row) for row in option_rows(contribution.options)],
    }


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
        told = "" if self.nested and self.default is not None else json.dumps(self.default)
        return prefix + self.name, self.type, "must be given" if self.required else told, self.constraint, self.help


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


def print_description(name: str, as_json: bool) -> None:
    """A contribution's summary, source and options."""
    found = describe(name)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    console = _console()
    console.print(f"[bold]{found['kind']}/{found['name']}[/]  {escape(printable(found['summary']))}")
    console.print(f"from {escape(found['source'])}", highlight=False)
    if not found["options"]:
        console.print("no options")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "type", "default", "values", "meaning"):
        table.add_column(heading, overflow="fold")
    table.columns[0].no_wrap = True
    for row in found["options"]:
        table.add_row(*(escape(printable(cell)) for cell in OptionRow(**row).cells()))
    console.print()
    console.print(table)
