"""`recframe plugins`: lists the installed plugins, including those that failed."""

from __future__ import annotations

import json

import attrs
from rich.markup import escape
from rich.table import Table

from recframe.commands.arguments import Parser
from recframe.errors.terminal import printable_lines
from recframe.plugin.manager import PluginInfo, load_plugins, plugin_infos
from recframe.plugin.registry import KINDS
from recframe.reporting.wide_console import wide_console

_COLOURS = {"ok": "green", "failed": "red", "disabled": "dim"}


def run(words: list[str]) -> int:
    """List the plugins, including those that failed."""
    parser = Parser("plugins", "List the plugins, including those that failed.")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--kind", choices=[*KINDS, *KINDS.values()], help="only plugins that provide this kind")
    arguments = parser.parse_args(words)
    print_plugins(arguments.kind, arguments.json)
    return 0


def print_plugins(kind: str | None, as_json: bool) -> None:
    """Print every plugin with its status. With a kind, print those that provide it or failed to load."""
    singular = load_plugins().of(kind).kind if kind else None
    infos = [info for info in plugin_infos() if not singular or singular in info.contributions or info.status != "ok"]
    if as_json:
        print(json.dumps([attrs.asdict(info) for info in infos], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("plugin", "distribution", "version", "status", "provides"):
        table.add_column(heading, overflow="fold")
    for info in infos:
        colour = _COLOURS[info.status]
        status = f"[{colour}]{info.status}[/]"
        table.add_row(escape(info.name), info.distribution, info.version, status, escape(_provided(info, singular)))
    wide_console().print(table)
    for info in infos:
        if info.error:
            _print_line("red", info, info.error)
        for note in info.notes:
            _print_line("yellow", info, note)


def _print_line(colour: str, info: PluginInfo, text: str) -> None:
    provider = f"{info.distribution} {info.version}".rstrip()
    line = f"[{colour}]{escape(info.name)}[/] ({escape(provider)}): {escape(printable_lines(text))}"
    wide_console().print(line, highlight=False)


def _provided(info: PluginInfo, kind: str | None) -> str:
    kinds = {key: names for key, names in info.contributions.items() if kind in (None, key)}
    return ", ".join(f"{key}/{name}" for key, names in kinds.items() for name in names)
