"""A command line, read as Hydra reads it: its flags with their values, and the overrides, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from attrs import frozen
from hydra._internal.utils import get_args_parser

from recframe.config.plain_values import with_plain_values
from recframe.config.sources import Sources
from recframe.errors import SpecError

#: The flags that take a value, and those that take none. Those about sources and help are read apart.
_VALUED = ("cfg", "package", "info", "experimental_rerun")
_PLAIN = ("hydra_help", "resolve", "run", "multirun", "shell_completion")
#: The flags that show something and run nothing.
_SHOWING = ("cfg", "info", "hydra_help", "shell_completion")


@frozen
class CommandLine:
    """The words of a command that composes a config.

    Attributes:
        overrides: Those that Hydra's grammar cannot read with their value in Hydra's quotes.
        flags: Hydra's other flags, each one word with its value.
        shows: Whether a flag shows something, so that nothing runs.
        several: Whether a flag asks for several jobs.
    """

    overrides: tuple[str, ...]
    sources: Sources
    flags: tuple[str, ...]
    help: bool
    shows: bool
    several: bool
    shell_completion: bool

    @property
    def words(self) -> list[str]:
        """For `hydra.main`, which wants the overrides together."""
        return [*self.flags, *(["--help"] if self.help else []), *self.sources.flags, *self.overrides]


def read_command_line(words: Sequence[str]) -> CommandLine:
    """Tell flags from overrides.

    Raises:
        SpecError: where a flag is unknown or lacks its value, or a folder is not there.
    """
    parser = get_args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    read = vars(parser.parse_intermixed_args(list(words)))
    valued = {name: read[name] for name in _VALUED if read[name] is not None}
    plain = [name for name in _PLAIN if read[name]]
    overrides = with_plain_values(read["overrides"] or [])
    return CommandLine(
        overrides=tuple(overrides),
        sources=Sources(read["config_dir"], read["config_name"], read["config_path"]),
        flags=(*map(_flag, plain), *(f"{_flag(name)}={value}" for name, value in valued.items())),
        help=read["help"],
        shows=read["help"] or any(name in _SHOWING for name in (*plain, *valued)),
        several=read["multirun"],
        shell_completion=read["shell_completion"],
    )


def composing(command: str, words: Sequence[str]) -> CommandLine:
    """The words of a command that composes a config and runs no job of Hydra's.

    Raises:
        SpecError: where there is a flag that says nothing about the config.
    """
    line = read_command_line(words)
    if line.flags:
        wanted = "overrides, --config-dir, --config-name, --config-path and --help"
        raise SpecError(f"{line.flags[0]}: `recframe {command}` takes {wanted}")
    return line


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _refuse(message: str) -> NoReturn:
    raise SpecError(f"{message}; `recframe --hydra-help` lists the flags")
