"""The commands by name: recframe's own, one module each, and those of plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recframe.plugin.types import CommandType

TRAIN = ("[train] [OVERRIDES]", "prepare, train, evaluate, export, report; needs no argument")
#: Begins the word that names the run to continue.
RESUME = "resume="
RESUMING = (f"train {RESUME}RUN [OVERRIDES]", "go on with a run that was stopped, to the same bits")
#: All but `train`, which is what any other first argument means: how each is called, and what it does. They stand here
#: and not in the modules, since help needs nothing of what the modules need.
OWN = {
    "plan": ("plan [OVERRIDES]", "show what would be trained and exported, before any training"),
    "evaluate": ("evaluate RUN [RUN_B]", "measure a run again, or compare two runs"),
    "export": ("export RUN [OVERRIDES]", "export a run again; exporters=[...] and export.KEY=..."),
    "recommend": ("recommend BUNDLE --history ID... [--k K]", "try an exported bundle"),
    "check-bundle": ("check-bundle BUNDLE", "check that a bundle is complete and gives the same answers"),
    "plugins": ("plugins [--json] [--kind KIND]", "list the installed plugins"),
    "describe": ("describe KIND/NAME [--json]", "show the options of a contribution, such as encoder/cnn"),
    "check": ("check DISTRIBUTION", "run the contract suites on a plugin"),
    "new": ("new KIND NAME", "write a plugin that works, to begin with"),
}


def command(name: str) -> Callable[[list[str]], int] | None:
    """The function that runs a command; None if there is no such command."""
    if name in OWN:
        module = importlib.import_module(f"recframe.commands.{name.replace('-', '_')}")
        run: Callable[[list[str]], int] = module.run
        return run
    commands = _of_plugins()
    return commands[name].run if name in commands else None


def names() -> list[str]:
    """The names of all commands."""
    return ["train", *OWN, *_of_plugins()]


def usages() -> Iterator[tuple[str, str]]:
    """The usage and the summary of each command."""
    yield TRAIN
    yield RESUMING
    yield from OWN.values()
    for contribution in _of_plugins().values():
        yield contribution.usage, contribution.summary


def _of_plugins() -> Mapping[str, CommandType]:
    try:
        from recframe.plugin.manager import load_plugins
    except ModuleNotFoundError:  # only the runtime is installed, which has no plugins
        return {}
    return load_plugins().commands
