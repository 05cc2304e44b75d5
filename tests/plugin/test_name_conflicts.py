"""If two contributions have the same name, the right plugins are refused with a clear message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import recframe
from recframe.errors import UnknownNameError
from recframe.plugin import manager
from tests.plugin.contributions import Good, encoder


class AlsoYieldsMine:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
        yield encoder()
        yield encoder("another")


class Bystander:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
        yield encoder("theirs")


@pytest.mark.parametrize("order", [1, -1], ids=["one order", "the other"])
def test_of_two_plugins_with_one_name_neither_is_taken_until_one_is_chosen(order: int) -> None:
    plugins = [("Recframe_First", Good()), ("second", AlsoYieldsMine()), ("third", Bystander())][::order]
    loaded = manager.load(plugins, allowed="")
    infos, encoders = {info.name: info for info in loaded.infos}, loaded.registries.encoders
    assert infos["second"].contributions == {"encoder": ("mine@second", "another")}
    for name in ("Recframe_First", "second"):
        note = infos[name].notes[0]
        assert infos[name].status == "ok"
        assert "encoder 'mine' is provided by" in note
        assert "Recframe_First 0" in note
        assert "second 0" in note
        assert "'mine@recframe-first'" in note
    assert infos["third"].notes == ()
    assert set(encoders) - {"bow", "cnn", "lstm"} == {"another", "theirs", "mine@recframe-first", "mine@second"}
    assert "mine" not in encoders
    with pytest.raises(UnknownNameError, match=r"encoder 'mine' is provided by .* and again by .*RECFRAME_PLUGINS"):
        encoders["mine"]


@pytest.mark.parametrize("name", ["mine@recframe-first", "mine@recframe_first", "mine@Recframe.First"])
def test_a_name_with_its_distribution_is_one_plugins(name: str) -> None:
    encoders = manager.load([("Recframe_First", Good()), ("second", AlsoYieldsMine())], allowed="").registries.encoders
    assert name in encoders
    assert encoders.source(name) == "Recframe_First 0"
    assert encoders["bow@recframe"] is encoders["bow"]
    with pytest.raises(UnknownNameError, match=r"no encoder 'mine@third': third is not installed"):
        encoders["mine@third"]


def test_a_plugin_that_provides_one_name_twice_is_refused() -> None:
    class Twice:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder()
            yield encoder()

    assert "'mine' is provided by twice 0 and again by twice 0" in (
        manager.load([("twice", Twice())], allowed="").infos[-1].error or ""
    )


def test_a_plugin_that_takes_a_builtin_name_harms_no_namesake() -> None:
    class TakesBow:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder("bow")
            yield encoder()

    loaded = manager.load([("bad", TakesBow()), ("good", Good())], allowed="")
    assert [info.status for info in loaded.infos[-2:]] == ["failed", "ok"]
    assert loaded.registries.encoders.source("mine") == "good 0"
