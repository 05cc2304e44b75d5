"""Writes commands and overrides that a user can paste into a POSIX shell, quoted for the shell and for Hydra."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

#: Text that Hydra reads unchanged. It would refuse other text, or read it as a number, a list or several values.
_BARE = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*", re.ASCII)
_MARKS = set(";|,")
#: The words that end a list of ids: see recframe.commands.id_lists.
_RECOMMEND_OPTIONS = {"--history", "--k", "--now", "--exclude", "--allow", "--help", "-h"}
_NOT_TEXT = {"true", "false", "null", "nan", "inf"}


def override(key: str, value: object) -> str:
    """The override `key=value`, quoted for the shell.

    Args:
        value: A text or path, a number, a truth value, None, or a list of such.

    >>> print(override("dataset.separator", ";"), override("train.epochs", 3), override("export.variants", ["int8"]))
    dataset.separator=';' train.epochs=3 export.variants='[int8]'
    """
    # Hydra refuses these, and recframe.config.plain_values then reads them unchanged.
    if isinstance(value, str) and value in _MARKS:
        return f"{key}='{value}'"
    return f"{key}={shlex.quote(hydra_value(value))}"


def hydra_value(value: object) -> str:
    """A value in Hydra's grammar, not yet quoted for the shell."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(hydra_value, value))}]"
    if isinstance(value, str | Path):
        return _text(str(value))
    return str(value)


def _text(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    text = text.replace("${", r"\${")  # OmegaConf would replace ${name} by a value
    # A backslash is doubled only before a quotation mark. Elsewhere Hydra reads it unchanged.
    quoted = re.sub(r'(\\*)("|\Z)', lambda match: match[1] * 2 + (r"\"" if match[2] else ""), text)
    return f'"{quoted}"'


def recommend_command(bundle: Path, history: Sequence[str]) -> str:
    """The command `recframe recommend BUNDLE --history ...`, even for ids that look like options."""
    plain = not any(text.partition("=")[0] in _RECOMMEND_OPTIONS for text in history)
    ids = ["--history", *history] if plain else [f"--history={text}" for text in history]
    return shell_command("recframe", "recommend", bundle, *ids)


def shell_command(*words: object) -> str:
    """A command for the shell, with each word quoted. A path that begins with a dash is not read as an option.

    >>> print(shell_command("recframe", "recommend", "my runs/export", "--history", "it's"))
    recframe recommend 'my runs/export' --history 'it'"'"'s'
    """
    return shlex.join(
        f"./{word}" if isinstance(word, Path) and str(word).startswith("-") else str(word) for word in words
    )
