"""The pages of the documentation: their blocks of code, their commands, and the settings in their text."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import attrs
from attrs import frozen

from recframe.spec.experiment import ExperimentSpec

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
START = ROOT / "docs" / "start.md"
#: Each makes a plugin, beginning with `recframe new`.
TUTORIALS = [*sorted((ROOT / "docs").glob("writing-a*.md")), ROOT / "docs" / "testing-plugins.md"]
SERVES = "demo"  # until Ctrl-C; recframe-web runs it
COMMANDS = ("evaluate", "export", "recommend", "plugins", "describe", "check", "check-bundle", "new")
SHELL, LISTINGS = ("console", "bash"), ("text", "toml", "yaml", "json", "kotlin", "swift", "java")

INLINE = re.compile(r"`([^`\n]+)`")
PLACEHOLDER = re.compile(r"…|=[A-Z]{2,}\b|\[[A-Z]{2,}\]")

FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"(?:\*\*)?`([\w./-]+\.\w+)`(?:\*\*)?:?")


@frozen
class Block:
    """A fenced block: its language, its text, and the file that it is, if any."""

    language: str
    text: str
    file: str | None


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    blocks = []
    for match in FENCE.finditer(text):
        above = text[: match.start()].rstrip().rpartition("\n")[2]
        name = FILE_NAME.fullmatch(above.strip())
        blocks.append(Block(match[1], match[2], name[1] if name else None))
    return blocks


def commands_of(block: Block) -> list[list[str]]:
    """The commands of a shell block as words, without prompts and comments."""
    lines = block.text.replace("\\\n", " ").splitlines()
    words = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [command for command in words if command]


def inline_of(page: Path) -> list[list[str]]:
    """What stands between backticks in the text of a page, as words."""
    codes = INLINE.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return [words for code in codes if code.count("'") % 2 == code.count('"') % 2 == 0 and (words := shlex.split(code))]


def settings_of(page: Path) -> list[list[str]]:
    """The overrides in the text of a page, except those with a placeholder."""
    keys = {field.name for field in attrs.fields(ExperimentSpec)} - {"input_spec"}
    settings = []
    for words in inline_of(page):
        overrides = [word for word in words if word not in ("recframe", "-m")]
        named = {re.split(r"[.=]", word.lstrip("+"))[0] for word in overrides if "=" in word}
        complete = overrides and all("=" in word and not PLACEHOLDER.search(word) for word in overrides)
        if complete and named <= {*keys, "experiment"}:
            settings.append([word for word in words if word != "recframe"])
    return settings
