"""The commands by name: recframe's own, a module each, and those of plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType

#: All but `train`, which is what any other first argument means.
OWN = {
    "plan": "recframe.commands.plan",
    "evaluate": "recframe.commands.evaluate",
    "export": "recframe.commands.export",
    "recommend": "recframe.commands.recommend",
    "check-bundle": "recframe.commands.check_bundle",
    "plugins": "recframe.commands.plugins",
    "describe": "recframe.commands.describe",
    "check": "recframe.commands.check",
}


def command(name: str) -> Callable[[list[str]], int] | None:
    """What runs a command; None where there is none of the name."""
    if name in OWN:
        run: Callable[[list[str]], int] = _module(name).run
        return run
    from recframe.plugin.manager import load_plugins

    commands = load_plugins().commands
    return commands[name].run if name in commands else None


def names() -> list[str]:
    """Every command, `train` among them."""
    from recframe.plugin.manager import load_plugins

    return ["train", *OWN, *load_plugins().commands.names()]


def usages() -> Iterator[tuple[str, str]]:
    """How each command is called, and what it does."""
    from recframe.commands import train
    from recframe.plugin.manager import load_plugins

    yield train.USAGE, train.SUMMARY
    for name in OWN:
        yield _module(name).USAGE, _module(name).SUMMARY
    commands = load_plugins().commands
    for name in commands.names():
        yield commands[name].usage, commands[name].summary


def _module(name: str) -> ModuleType:
    return importlib.import_module(OWN[name])
