"""What the pages name is there: commands, make targets, settings, scripts, links, and the format's version.

A `console` or `bash` block holds commands: recframe, make with a target of the Makefile, pip, git, cd or uv. Settings
in running text must compose, and a script that is named must exist.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import recframe
from recframe.runtime.files import FORMAT_VERSION
from recframe.runtime.schema import manifest_schema
from tests.docs.pages import (
    COMMANDS,
    FENCE,
    LISTINGS,
    PAGES,
    ROOT,
    SERVES,
    SHELL,
    START,
    blocks_of,
    commands_of,
    inline_of,
    settings_of,
)

#: Settings in the text, such as `encoder.units=64`, need one of these around them.
AROUND: tuple[list[str], ...] = ([], ["encoder=lstm"], ["split=temporal"], ["dataset=tabular", "dataset.path=x"])


def composes(overrides: list[str]) -> bool:
    try:
        recframe.compose(overrides)
    except recframe.SpecError:
        return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_hold_what_this_test_knows(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for block in blocks_of(page):
        assert block.language in ("python", *SHELL, *LISTINGS), f"a block of {page.name} says {block.language!r}"
        for program, *words in commands_of(block) if block.language in SHELL else ():
            assert program in ("recframe", "make", "pip", "git", "cd", "uv"), f"{page.name}: {program}"
            named = {word for word in words if "=" not in word}
            assert program != "make" or named <= targets, f"{page.name}: make {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_named_in_the_text_is_there(page: Path) -> None:
    for words in settings_of(page):
        one = [re.sub(r"=(\w+),.*", r"=\1", word) for word in words if word != "-m"]  # of several values the first
        assert any(composes([*around, *one]) for around in AROUND), f"{page.name}: {' '.join(words)}"
    for words in inline_of(page):
        if words[0] == "python" and len(words) > 1:
            script = words[2].replace(".", "/") + ".py" if words[1] == "-m" else words[1]
            assert (ROOT / script).exists(), f"{page.name}: {' '.join(words)}"
        if words[0] == "recframe" and len(words) > 1 and "=" not in words[1] and not words[1].startswith("-"):
            assert words[1] in (*COMMANDS, SERVES, "plan", "train"), f"{page.name}: {' '.join(words)}"


def test_the_apps_code_and_the_schema_are_of_the_present_format() -> None:
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("on-android.md", "on-ios.md")]
    assert f'getInt("format_version") == {FORMAT_VERSION})' in pages[0]
    assert f"manifest.format_version == {FORMAT_VERSION} else" in pages[1]
    assert manifest_schema()["$id"] == f"urn:recframe:bundle-manifest:{FORMAT_VERSION}"


def test_settings_are_found_in_the_text() -> None:
    assert ["encoder=lstm", "encoder.units=64"] in settings_of(START)
    assert ["-m", "encoder=bow,cnn,lstm"] in settings_of(START)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if path.startswith(("http://", "https://", "mailto:")):
            continue
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, link
