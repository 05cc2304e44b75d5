"""Parses the arguments of a command."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from recframe.errors import RecframeError


class Parser(argparse.ArgumentParser):
    """An argparse parser that reports a wrong argument as recframe does: one message, and exit code 2."""

    def __init__(self, command: str, about: str) -> None:
        super().__init__(prog=f"recframe {command}", description=about)

    def error(self, message: str) -> NoReturn:
        raise RecframeError(f"{message}\n  {self.format_usage().strip()}")


def unix_seconds(text: str) -> int:
    """Unix seconds of a time as ISO 8601 writes it, or of a number of seconds. Without a time zone it is in UTC.

    Raises:
        argparse.ArgumentTypeError: if the text is neither.
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it as 2026-03-01T08:30") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def folder(text: str) -> Path:
    """The path of an existing folder.

    Raises:
        RecframeError: if there is no such folder.
    """
    path = Path(text)
    if not path.is_dir():
        raise RecframeError(f"{text}: no such folder")
    return path
