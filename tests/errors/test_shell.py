"""The commands that recframe proposes work: bash and Hydra read them, and the problem is gone."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given, settings, strategies as st
from omegaconf import OmegaConf

import recframe
from recframe.config import with_plain_values
from recframe.errors import DataError, RecframeError
from recframe.errors.shell import override, recommend_command, shell_command
from recframe.plugin.types import DatasetContext

ODD = [
    "1",
    "true",
    "null",
    "nan",
    "1e3",
    "12_3",
    ";",
    "|",
    ",",
    "a b",
    "it's",
    'a"b',
    "a\\",
    'a\\"',
    "\\'",
    "[x]",
    "{a:b}",
]
ODD += ["a=b", "é", "$x", "${x}", "-abc", "~", "#", "(a)", "*", "a\tb", "a,b", "!", "a:b", "%d/%m/%Y %H:%M"]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.sampled_from(ODD)
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False))


def typed(line: str) -> list[str]:
    """The words that bash reads from a line."""
    shown = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)
    return shown.stdout.decode().split("\0")[:-1]


def value_of(text: str) -> Any:
    """The value that Hydra and OmegaConf read from an override."""
    parsed = OverridesParser.create().parse_override(*with_plain_values([text]))
    return OmegaConf.to_container(OmegaConf.create({"value": parsed.value()}), resolve=True)["value"]  # type: ignore[index,call-overload]


@settings(max_examples=300, deadline=None)
@given(SCALARS | st.lists(SCALARS, max_size=4))
def test_hydra_reads_the_value_of_an_override(value: Any) -> None:
    (word,) = shlex.split(override("dataset.path", value))
    assert word.startswith("dataset.path=")
    got = value_of(word)
    assert got == value
    assert type(got) is type(value)


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXTS, min_size=20, max_size=60))
@example(["\\\n", "a\r\nb", "\\\\"])
def test_bash_reads_the_words_of_a_command(values: list[str]) -> None:
    words = typed(" ".join(override("dataset.path", value) for value in values))
    assert [value_of(word) for word in words] == values
    assert typed(shell_command(*values)) == values


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example("it's in café/a=b.csv")
def test_a_value_that_hydra_cannot_read_is_plain_text(value: str) -> None:
    word = f"dataset.path={value}"
    try:
        OverridesParser.create().parse_override(word)
    except Exception:
        if value and value[0] not in "[{('\"":
            assert value_of(word) == value
        else:
            assert with_plain_values([word]) == [word]
    else:
        assert with_plain_values([word]) == [word]


def test_commands_for_ids_and_folders_that_look_like_options() -> None:
    assert typed(recommend_command(Path("a b/[x]"), ["-abc", "--k"])) == [
        *("recframe", "recommend", "a b/[x]"),
        *("--history=-abc", "--history=--k"),
    ]
    assert typed(recommend_command(Path("-runs/export"), ["-abc", "a,b"])) == [
        *("recframe", "recommend", "./-runs/export"),
        *("--history", "-abc", "a,b"),
    ]


ROWS = "u,a,1700000000,4.0,view\nu,b,1700000001,3.0,buy\nv,a,1700000000,1.0,view\n"
EVENT = ["dataset.columns.event=e"]
#: By what is wrong: a csv's first line and rows, the overrides of the user, and what is proposed.
PROPOSALS: dict[str, tuple[str, list[str], str]] = {
    "a user's column with a blank": ("user id,item,timestamp,r,e\n" + ROWS, [], "as in (.*)"),
    "an item's column with brackets": ("user,[item],timestamp,r,e\n" + ROWS, [], "as in (.*)"),
    "a column with a quote": ("it's user,item,timestamp,r,e\n" + ROWS, ["dataset.columns.user=user"], "as in (.*)"),
    "a column with an accent": ("user,itém,timestamp,r,e\n" + ROWS, [], "as in (.*)"),
    "a column with a sign": ("user,item=,timestamp,r,e\n" + ROWS, [], "as in (.*)"),
    "a semicolon": (("user,item,timestamp,r,e\n" + ROWS).replace(",", ";"), ["dataset.separator=,"], "; set (.*)"),
    "a bar": (("user,item,timestamp,r,e\n" + ROWS).replace(",", "|"), ["dataset.separator=,"], "; set (.*)"),
    "a tab": (("user,item,timestamp,r,e\n" + ROWS).replace(",", "\t"), ["dataset.separator=,"], "; set (.*)"),
    "milliseconds": (re.sub(r"(170\d{7})", r"\g<1>000", "user,item,timestamp,r,e\n" + ROWS), [], "Then set ([^;]*)"),
    "a kind that is none": ("user,item,timestamp,r,e\n" + ROWS, [*EVENT, "dataset.event_types=[vew]"], "as in (.*)"),
    "a kind with a blank": (
        "user,item,timestamp,r,e\n" + ROWS.replace("view", "a view"),
        [*EVENT, "dataset.event_types=[the view]"],
        "as in (.*)",
    ),
    "a kind that is a number": (
        "user,item,timestamp,r,e\n" + ROWS.replace("view", "1").replace("buy", "2"),
        [*EVENT, "dataset.event_types=[9]"],
        "as in (.*)",
    ),
    "a bad row": ("user,item,timestamp,r,e\n" + ROWS + "u,a\n", [], "or set (.*)"),
}


def load(folder: Path, *overrides: str) -> Any:
    spec = recframe.compose(["dataset=tabular", *overrides])
    kind = recframe.load_plugins().datasets["tabular"]
    return kind.load(spec.dataset.options, DatasetContext(0, folder))


@pytest.mark.parametrize(("content", "overrides", "proposed"), PROPOSALS.values(), ids=PROPOSALS)
@pytest.mark.parametrize("folder", ["plain", "it's [x] a=b é"])
def test_the_command_in_a_message_corrects_the_mistake(
    tmp_path: Path, folder: str, content: str, overrides: list[str], proposed: str
) -> None:
    path = tmp_path / folder / "events.csv"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    first = [override("dataset.path", path), *map(shlex.quote, overrides)]
    with pytest.raises(DataError) as caught:
        load(tmp_path, *typed(" ".join(first)))
    match = re.search(proposed, str(caught.value))
    assert match, caught.value
    assert load(tmp_path, *typed(" ".join([*first, match[1]]))).num_events in (2, 3)


def test_the_override_in_a_note_works(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("user,item,time stamp\nu,a,7\nu,b,5\n")
    path = override("dataset.path", tmp_path / "x.csv")
    (note,) = load(tmp_path, *typed(path)).notes
    assert not load(tmp_path, *typed(path)).timed
    match = re.search("is the time, set (.*)", note)
    assert match
    assert load(tmp_path, *typed(f"{path} {match[1]}")).timed


def test_a_separator_needs_no_quotes_for_hydra(tmp_path: Path) -> None:
    for mark in ";|,":
        (tmp_path / "x.csv").write_text(mark.join(("user", "item", "timestamp")) + f"\nu{mark}a{mark}1\n")
        words = typed(f"dataset.separator='{mark}' {override('dataset.path', tmp_path / 'x.csv')}")
        assert load(tmp_path, *words).num_events == 1


def test_an_override_that_quotes_cannot_correct_is_reported() -> None:
    with pytest.raises(
        RecframeError, match=r"dataset\.path=\[a: not an override: .*, or dataset\.path='\"\[a\"' if the value"
    ):
        recframe.compose(["dataset=tabular", "dataset.path=[a"])
    for wrong in ("dataset.path=[a", "dataset.path='a", "=x", "dataset.path"):
        with pytest.raises(RecframeError):
            recframe.compose(["dataset=tabular", wrong])
