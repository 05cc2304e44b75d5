"""What Tab completes: Hydra knows overrides, and here it is told where they begin, after a command and Hydra's flags.

A shell calls `recframe -sc query=SHELL` with the line that was typed in COMP_LINE.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from recframe.commands.table import RESUME, names
from recframe.errors import RecframeError

if TYPE_CHECKING:
    from recframe.config import Sources

#: The commands that take overrides, and how many words come before these. Of the others the shell completes files.
_BEFORE = {"train": 0, "plan": 0, "export": 1}
_TYPED = "COMP_LINE"


def is_query(overrides: tuple[str, ...]) -> bool:
    """Whether the shell asks for completions, with the line that was typed."""
    return any(text.startswith("query=") for text in overrides) and _TYPED in os.environ


def prepare_query() -> Sources | None:
    """Print the commands that may be meant, and leave to Hydra the overrides alone.

    Returns:
        Where the configs are that the typed line names; None where no override is being typed.
    """
    from recframe.config import read_command_line

    line = os.environ[_TYPED]
    _, *words = line.split() or [""]
    word = words.pop() if words and not line.endswith(" ") else ""
    if not words and "=" not in word:
        print(*(name for name in names() if name.startswith(word)))
    if words and words[0] in names():
        before = _BEFORE.get(words[0])
        if before is None or len(words) <= before:
            return None
        words = words[before + 1 :]
    if word.startswith("-"):
        return None
    try:
        read = read_command_line([text for text in words if not text.startswith(RESUME)])
    except RecframeError:
        return None  # in the middle of a flag
    several = ["-m"] if read.several else []
    os.environ[_TYPED] = " ".join(["recframe", *several, *read.overrides, word])
    return read.sources
