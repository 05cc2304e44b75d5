"""`recframe recommend` accepts ids that begin with a dash or contain commas or spaces, and empty lists."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from recframe.commands import main
from recframe.commands.id_lists import IdLists
from recframe.errors.shell import recommend_command

WORDS = st.text(min_size=1) | st.sampled_from(["-abc", "--x", "-1", "--", "-h2", "a,b", "a b", "--historyx", "-k"])


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("bundle")
    parser.add_argument("--k", type=int)
    lists = IdLists(parser, others=["--k"])
    lists.add("--history", "items", required=True)
    lists.add("--exclude", "items")
    return lists.parse(words)


@given(st.lists(WORDS), st.lists(WORDS))
def test_all_words_up_to_the_next_option_are_ids(history: list[str], exclude: list[str]) -> None:
    options = {"--history", "--exclude", "--k", "-h", "--help"}

    def ids(words: list[str]) -> list[str]:
        return [w for w in words if w.partition("=")[0] not in options]

    known = parse("bundle", "--history", *ids(history), "--k", "3", "--exclude", *ids(exclude))
    assert (known.bundle, known.history, known.k, known.exclude) == ("bundle", ids(history), 3, ids(exclude))


@given(st.lists(st.text(min_size=1) | st.sampled_from(["--k", "--history", "-h", "--k=3", "="]), min_size=1))
def test_an_option_with_an_equals_sign_takes_any_id(history: list[str]) -> None:
    words = [f"--history={text}" for text in history]
    assert parse(*words, "bundle").history == parse("bundle", *words).history == history


def test_the_printed_command_knows_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--help"]) == 0
    options = set(re.findall(r"(?<![\w-])--?[a-z]+", capsys.readouterr().out))
    assert options >= {"--history", "--k", "--now", "-h"}
    for name in options:
        for text in (name, f"{name}=1"):
            assert f"--history={text}" in shlex.split(recommend_command(Path("export"), [text]))


def test_an_empty_history_and_the_other_orders() -> None:
    assert parse("bundle", "--history").history == []
    assert parse("bundle", "--history", "").history == []
    known = parse("--k", "3", "bundle", "--history", "--k=4")
    assert (known.k, known.history, known.exclude) == (4, [], None)


@pytest.mark.parametrize("words", [["bundle"], ["--history", "a"], ["bundle", "-x", "--history"]], ids=str)
def test_wrong_arguments(words: list[str]) -> None:
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        parse(*words)
