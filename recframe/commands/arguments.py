"""The arguments of a command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from recframe.errors import RecframeError


class Parser(argparse.ArgumentParser):
    """Python's parser, with recframe's refusals: one message, and exit code 2."""

    def __init__(self, command: str, about: str) -> None:
        super().__init__(prog=f"recframe {command}", description=about)

    def error(self, message: str) -> NoReturn:
        raise RecframeError(f"{message}\n  {self.format_usage().strip()}")


def folder(text: str) -> Path:
    """An existing folder.

    Raises:
        RecframeError: where there is none.
    """
    path = Path(text)
    if not path.is_dir():
        raise RecframeError(f"{text}: no such folder")
    return path
