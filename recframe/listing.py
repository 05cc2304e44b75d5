"""What `recframe plugins` and `recframe describe` print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

import attrs
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recframe.converter import options_of
from recframe.errors import UnknownNameError
from recframe.manager import PluginInfo, load_plugins, plugin_infos
from recframe.registry import KINDS
from recframe.specs import constraint
from recframe.structuring import MISSING, type_name

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
            console.print(f"[red]{escape(info.name)}[/] ({info.distribution} {info.version}): {escape(info.error)}")


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
    attrs.resolve_types(contribution.options)
    defaults = options_of(contribution.options)
    return {
        "kind": registry.kind,
        "name": short,
        "summary": contribution.summary,
        "source": registry.source(short),
        "options": [
            {
                "name": field.name,
                "type": type_name(field.type),
                "required": defaults[field.name] == MISSING,
                "default": None if defaults[field.name] == MISSING else defaults[field.name],
                "constraint": constraint(field),
                "help": field.metadata["help"],
            }
            for field in attrs.fields(contribution.options)
        ],
    }


def print_description(name: str, as_json: bool) -> None:
    """A contribution's summary, source and options."""
    found = describe(name)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    console = _console()
    console.print(f"[bold]{found['kind']}/{found['name']}[/]  {escape(found['summary'])}")
    console.print(f"from {escape(found['source'])}", highlight=False)
    if not found["options"]:
        console.print("no options")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "type", "default", "values", "meaning"):
        table.add_column(heading, overflow="fold")
    table.columns[0].no_wrap = True
    for row in _rows(found["options"]):
        table.add_row(*map(escape, row))
    console.print()
    console.print(table)


def _rows(options: Iterable[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    for option in options:
        default = "(required)" if option["required"] else json.dumps(option["default"])
        yield option["name"], option["type"], default, option["constraint"], option["help"]
