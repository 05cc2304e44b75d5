"""The list of commands that `recframe --help` prints."""

from __future__ import annotations

from recframe.commands import table

HEADING = "recframe: declare a recommender, train it, ship it to a phone"
_MULTIRUN = ("-m encoder=bow,cnn,lstm", "one run for each")
_WIDTH = 36  # of the column of commands


def overview() -> str:
    """A line for each command, including those of plugins. A long command has its summary on the next line."""
    lines = [_line(usage, summary) for usage, summary in table.usages()]
    return "\n".join([HEADING, "", lines[0], _line(*_MULTIRUN), *lines[1:], ""])


def _line(usage: str, summary: str) -> str:
    start = f"  recframe {usage}"
    gap = f"\n{'':{_WIDTH + 5}}" if len(start) > _WIDTH + 3 else " " * (_WIDTH + 5 - len(start))
    return f"{start}{gap}{summary}"
