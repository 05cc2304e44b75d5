"""Parses the arguments of a command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from recframe.errors import RecframeError


class Parser(argparse.ArgumentParser):
    """An argparse parser that reports a wrong argument as recframe does: one message, and exit code 2."""

    def __init__(self, command: str, about: str) -> None:
        super().__init__(prog=f"recframe {command}", description=about)

    def error(self, message: str) -> NoReturn:
        raise RecframeError(f"{message}\n  {self.format_usage().strip()}")


def folder(text: str) -> Path:
    """The path of an existing folder.

    Raises:
        RecframeError: if there is no such folder.
    """
    path = Path(text)
    if not path.is_dir():
        raise RecframeError(f"{text}: no such folder")
    return path
