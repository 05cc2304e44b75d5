"""Commands that break the contract."""

from __future__ import annotations

from recframe import CommandType, RecframeError
from recframe.plugin.types import Contribution


def _silent(words: list[str]) -> int:
    if words == ["--help"]:
        return 0
    raise RecframeError("wrong")


def _takes_all(words: list[str]) -> int:
    print("takes_all")
    return 0


def _command(name: str, usage: str, run: object) -> CommandType:
    return CommandType(name, summary="breaks a demand", usage=usage, run=run)  # type: ignore[arg-type]


BROKEN_COMMANDS: list[tuple[Contribution, str]] = [
    (_command("misnamed", "other WORD", _silent), "its usage begins with its name"),
    (_command("silent", "silent", _silent), "help is shown and nothing done"),
    (_command("takes_all", "takes_all", _takes_all), "a wrong option is one message"),
]
