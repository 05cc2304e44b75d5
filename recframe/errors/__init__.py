"""The errors that recframe raises on purpose. Each message says what is wrong, where, and what to do."""

from __future__ import annotations


class RecframeError(Exception):
    """Base of every error below. The command line prints its message and exits with 2."""


class MissingDependencyError(RecframeError, ImportError):
    """A part of recframe is asked for whose dependencies are not installed. The message has the command."""


class PluginError(RecframeError):
    """A plugin could not be loaded, or yields a contribution that breaks the contract."""


class DuplicateNameError(PluginError):
    """Two plugins provide the same name of one kind."""


class UnknownNameError(RecframeError):
    """A name that no installed plugin provides."""


class SpecError(RecframeError):
    """The configuration is wrong. `problems` holds one line for each mistake, by dotted path."""

    def __init__(self, problems: list[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else problems
        super().__init__("\n".join(self.problems))


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
