"""The commands by name: recframe's own, a module each, and those of plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recframe.plugin.types import CommandType

TRAIN = ("[train] [OVERRIDES]", "prepare, train, evaluate, export, report; needs no argument")
#: The word that goes on with a run.
RESUME = "resume="
RESUMING = (f"train {RESUME}RUN [OVERRIDES]", "go on with a run that was stopped, to the same bits")
#: All but `train`, which is what any other first argument means: how each is called, and what it does. They stand here
#: and not in the modules, since help needs nothing of what the modules need.
OWN = {
    "plan": ("plan [OVERRIDES]", "what would be trained and exported, before any training"),
    "evaluate": ("evaluate RUN", "measure again, from a run folder"),
    "export": ("export RUN [OVERRIDES]", "export again, from a run folder; exporters=[...] and export.KEY=..."),
    "recommend": ("recommend BUNDLE --history ID... [--k K]", "try an exported bundle"),
    "check-bundle": ("check-bundle BUNDLE", "is it whole, and does it answer as it did?"),
    "plugins": ("plugins [--json] [--kind KIND]", "what is installed"),
    "describe": ("describe KIND/NAME [--json]", "the options of a contribution, as encoder/cnn"),
    "check": ("check DISTRIBUTION", "run the contract suites on a plugin"),
}


def command(name: str) -> Callable[[list[str]], int] | None:
    """What runs a command; None where there is none of the name."""
    if name in OWN:
        module = importlib.import_module(f"recframe.commands.{name.replace('-', '_')}")
        run: Callable[[list[str]], int] = module.run
        return run
    commands = _of_plugins()
    return commands[name].run if name in commands else None


def names() -> list[str]:
    """Every command, `train` among them."""
    return ["train", *OWN, *_of_plugins()]


def usages() -> Iterator[tuple[str, str]]:
    """How each command is called, and what it does."""
    yield TRAIN
    yield RESUMING
    yield from OWN.values()
    for contribution in _of_plugins().values():
        yield contribution.usage, contribution.summary


def _of_plugins() -> Mapping[str, CommandType]:
    try:
        from recframe.plugin.manager import load_plugins
    except ModuleNotFoundError:  # the runtime alone is installed, which knows no plugins
        return {}
    return load_plugins().commands
