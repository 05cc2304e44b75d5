"""The errors that recframe raises on purpose. Each message says what is wrong, where, and what to do."""

from __future__ import annotations


class RecframeError(Exception):
    """Base of every error below. The command line prints its message and exits with 2."""


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
