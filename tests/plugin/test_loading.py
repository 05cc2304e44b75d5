"""What a plugin does while it is loaded: it prints, takes long, yields nothing, or fails in its own code."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import recframe
from recframe.plugin import loading, manager
from recframe.plugin.finding import Candidate
from recframe.plugin.provider import Provider
from tests.plugin.contributions import Good, encoder


def outcome(load: Callable[[], Any]) -> loading.Outcome:
    return loading.load_one(Candidate("x", Provider("recframe-x", "1.2"), load, "tests"), strict=False)


def test_what_a_plugin_prints_stays_out_of_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    def load() -> Any:
        print("hello")
        os.write(1, b"from C")
        os.system("echo from a child")
        return Good()

    print("ours, not yet written", end="")
    made = outcome(load)
    print(" and after")
    assert capfd.readouterr().out == "ours, not yet written and after\n"
    assert made.status == "ok"
    assert made.notes == ["prints while it is loaded, which is not shown: 'hello'"]


def test_a_slow_import_is_timed_and_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    class Slow:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            time.sleep(0.02)
            yield encoder()

    monkeypatch.setattr(loading, "VERY_SLOW", 0.01)
    monkeypatch.setattr(manager, "SLOW", 0.01)
    with caplog.at_level(logging.WARNING):
        info = manager.load([("recframe-slow", Slow())], allowed="").infos[-1]
    assert info.seconds >= 0.02
    assert "takes 0.0 s to load" in info.notes[0]
    assert "plugin 'recframe-slow' (recframe-slow 0) took" in caplog.text


class YieldsNothing:
    @recframe.hookimpl
    def recframe_losses(self) -> Iterator[Any]:
        return iter([])


class ReturnsNone:
    @recframe.hookimpl
    def recframe_losses(self) -> None:
        [encoder()]


def test_a_hook_that_yields_nothing_is_told() -> None:
    assert outcome(YieldsNothing).notes == ["recframe_losses yields nothing"]
    assert "implements no hook" in outcome(object).notes[0]
    place = f"{__file__}:{ReturnsNone.recframe_losses.__code__.co_firstlineno}"
    assert outcome(ReturnsNone).error == f"recframe_losses must yield LossType values, but returned None ({place})"


def test_an_error_names_the_line_of_the_plugin() -> None:
    def divides() -> Any:
        return 1 / 0

    error = outcome(lambda: encoder("My-Name")).error or ""
    assert error.startswith("EncoderType 'My-Name': a name is lower-case letters")
    assert error.endswith(f"contributions.py:{encoder.__code__.co_firstlineno + 1})")
    raising = outcome(divides).error or ""
    assert raising.startswith("ZeroDivisionError: division by zero (")
    assert raising.endswith(f"test_loading.py:{divides.__code__.co_firstlineno + 1})")


def test_a_file_that_is_not_python_names_its_line() -> None:
    error = outcome(lambda: compile("x = 1\ndef f(:", "mine.py", "exec")).error
    assert error == "SyntaxError: invalid syntax (mine.py:2)"
