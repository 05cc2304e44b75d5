"""`recframe describe KIND/NAME`: shows the options of a contribution."""

from __future__ import annotations

import json
from typing import Any

import attrs
from rich.markup import escape
from rich.table import Table

from recframe.commands.arguments import Parser
from recframe.errors import UnknownNameError
from recframe.errors.terminal import printable
from recframe.plugin.manager import load_plugins
from recframe.plugin.registry import KINDS, Registries
from recframe.reporting.wide_console import wide_console
from recframe.spec.describe import OptionRow, option_rows


def run(words: list[str]) -> int:
    """Print a contribution's summary, source and options."""
    parser = Parser("describe", "Show the options of a contribution.")
    parser.add_argument("name", metavar="KIND/NAME", help="such as encoder/cnn")
    parser.add_argument("--json", action="store_true", help="for programs")
    arguments = parser.parse_args(words)
    print_description(arguments.name, arguments.json)
    return 0


def description(name: str, registries: Registries) -> dict[str, Any]:
    """A contribution as plain data: its source and every option.

    Raises:
        UnknownNameError: if there is no such kind or name.
    """
    kind, slash, short = name.partition("/")
    if not slash:
        holders = [key for key in KINDS if name in registries.of(key)]
        hint = f"; did you mean {holders[0]}/{name}?" if holders else ""
        raise UnknownNameError(f"{name!r}: write KIND/NAME, such as encoder/cnn{hint}")
    registry = registries.of(kind)
    contribution = registry[short]
    return {
        "kind": registry.kind,
        "name": short,
        "summary": contribution.summary,
        "source": registry.source(short),
        "options": [attrs.asdict(row) for row in option_rows(contribution.options)],
    }


def print_description(name: str, as_json: bool) -> None:
    """Print a contribution's summary, source and options."""
    contribution = description(name, load_plugins())
    if as_json:
        print(json.dumps(contribution, indent=2))
        return
    console = wide_console()
    console.print(
        f"[bold]{contribution['kind']}/{contribution['name']}[/]  {escape(printable(contribution['summary']))}"
    )
    console.print(f"from {escape(contribution['source'])}", highlight=False)
    if not contribution["options"]:
        console.print("no options")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "type", "default", "values", "meaning"):
        table.add_column(heading, overflow="fold")
    table.columns[0].no_wrap = True
    for row in contribution["options"]:
        table.add_row(*(escape(printable(cell)) for cell in OptionRow(**row).cells()))
    console.print()
    console.print(table)
