"""Commands that each break one demand of CommandContract."""

from __future__ import annotations

from collections.abc import Callable

from recframe import CommandType, RecframeError
from tests.contracts.broken.listing import broken


def command(name: str, demand: str, run: Callable[[list[str]], int], usage: str) -> None:
    broken(CommandType(name, summary="Broken.", usage=usage, run=run), demand)


def says_nothing(words: list[str]) -> int:
    if words == ["--help"]:
        return 0
    raise RecframeError("wrong")


def takes_every_option(words: list[str]) -> int:
    print("takes_all")
    return 0


command("misnamed", "its usage begins with its name", says_nothing, "other WORD")
command("silent", "help is shown and nothing done", says_nothing, "silent")
command("takes_all", "a wrong option is one message", takes_every_option, "takes_all")
