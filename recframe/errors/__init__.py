"""The errors that recframe raises. Each message says what is wrong, where, and what to do.

`nearest` proposes the choice that a wrong name was meant for. `shell` writes commands that a user can paste, and
`terminal` makes text safe to print.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """A mistake in a configuration.

    Attributes:
        path: The keys from the outermost to the one with the mistake.
        unknown: If no plugin provides the name, the kind of contribution, such as `encoder`; else empty.
    """

    message: str
    path: tuple[str, ...] = ()
    unknown: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.message}" if self.path else self.message


class RecframeError(Exception):
    """Base of every error below. The command line prints its message and exits with 2."""

    #: Keras puts the arguments of a call around the message of an error, unless the error says that this was done.
    _keras_call_info_injected = True

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """The mistakes, one by one."""
        return (Problem(str(self)),)


class MissingDependencyError(RecframeError, ImportError):
    """A package that this part of recframe needs is not installed. The message has the command that installs it."""


class PluginError(RecframeError):
    """A plugin could not be loaded, or a contribution breaks the contract.

    Attributes:
        place: FILE:LINE of the code at fault, if the message does not contain it and it is known.
    """

    place: str | None = None


class DuplicateNameError(PluginError):
    """Two plugins provide the same name for one kind of contribution."""


class UnknownNameError(RecframeError, KeyError):
    """A name that no installed plugin provides; a KeyError too, as of any mapping.

    Attributes:
        kind: The kind of contribution that has no such name, such as `encoder`; empty if it is not such a kind.
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message, kind)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show the message in quotes

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """The one mistake."""
        return (Problem(str(self), unknown=self.kind),)


class SpecError(RecframeError):
    """The configuration is wrong.

    Attributes:
        problems: A line for each mistake, which begins with its dotted path.
    """

    def __init__(self, mistakes: str | Problem | Sequence[str | Problem]) -> None:
        listed = [mistakes] if isinstance(mistakes, str | Problem) else mistakes
        self._mistakes = tuple(Problem(mistake) if isinstance(mistake, str) else mistake for mistake in listed)
        self.problems = [str(mistake) for mistake in self._mistakes]
        super().__init__("\n".join(self.problems))

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """The mistakes, each with its path."""
        return self._mistakes


class DataError(RecframeError):
    """The input data cannot be used. The message names the file, and the line and column if they are known."""


class ExportError(RecframeError):
    """An exported model failed a check, or could not be written. Nothing half-written is left."""


class FolderError(RecframeError):
    """A folder cannot be written to: it contains files that recframe did not write, or another process writes there."""


#: The modules that `recframe[train]` installs in addition to those of `recframe[runtime]`.
TRAIN_MODULES = frozenset(
    "attr attrs cattrs flatbuffers google hydra keras omegaconf".split()
    + "pluggy polars rich tensorflow threadpoolctl yaml".split()
)


def missing_dependency(error: BaseException) -> MissingDependencyError | None:
    """The error to report instead, if a module of `recframe[train]` is missing; else None."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    if (name or "").partition(".")[0] not in TRAIN_MODULES:
        return None
    return MissingDependencyError(f"this needs {name}, which is not installed: pip install 'recframe[train]'")
