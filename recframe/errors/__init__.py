"""The errors that recframe raises on purpose. Each message says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """A mistake in a configuration.

    Attributes:
        path: Where it is, from the outside in.
        unknown: The kind of contribution whose name no plugin provides; else empty.
    """

    message: str
    path: tuple[str, ...] = ()
    unknown: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.message}" if self.path else self.message


class RecframeError(Exception):
    """Base of every error below. The command line prints its message and exits with 2."""

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """What is wrong, one by one."""
        return (Problem(str(self)),)


class MissingDependencyError(RecframeError, ImportError):
    """A part of recframe is asked for whose dependencies are not installed. The message has the command."""


class PluginError(RecframeError):
    """A plugin could not be loaded, or yields a contribution that breaks the contract."""


class DuplicateNameError(PluginError):
    """Two plugins provide the same name of one kind."""


class UnknownNameError(RecframeError, KeyError):
    """A name that no installed plugin provides; a KeyError too, as of any mapping.

    Attributes:
        kind: The kind that has no such name, as `encoder`; empty if it is not a kind of contribution.
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message, kind)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show the message in quotes

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """The one."""
        return (Problem(str(self), unknown=self.kind),)


class SpecError(RecframeError):
    """The configuration is wrong.

    Attributes:
        problems: A line for each mistake, by dotted path.
    """

    def __init__(self, mistakes: str | Problem | Sequence[str | Problem]) -> None:
        listed = [mistakes] if isinstance(mistakes, str | Problem) else mistakes
        self._mistakes = tuple(Problem(one) if isinstance(one, str) else one for one in listed)
        self.problems = [str(one) for one in self._mistakes]
        super().__init__("\n".join(self.problems))

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """Each with its path."""
        return self._mistakes


class DataError(RecframeError):
    """The input data cannot be used: names the file, and the line and column where there is one."""


class ExportError(RecframeError):
    """An exported model failed a check, or could not be written. Nothing half-written is left."""


class FolderError(RecframeError):
    """A folder cannot be written to: it holds what recframe did not write, or another process writes there."""


#: The modules that `recframe[train]` installs besides those of `recframe[runtime]`.
TRAIN_MODULES = frozenset(
    "attr attrs cattrs flatbuffers google hydra keras omegaconf".split()
    + "pluggy polars rich tensorflow threadpoolctl yaml".split()
)


def missing_dependency(error: BaseException) -> MissingDependencyError | None:
    """The error to report instead, if the cause is a missing module of `recframe[train]`; else None."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    if (name or "").partition(".")[0] not in TRAIN_MODULES:
        return None
    return MissingDependencyError(f"this needs {name}, which is not installed: pip install 'recframe[train]'")
