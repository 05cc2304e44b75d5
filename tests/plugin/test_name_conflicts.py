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


@pytest.mark.parametrize("order", [1, -1], ids=["one order", "the other"])
def test_of_two_plugins_with_one_name_neither_is_taken(order: int) -> None:
    class Bystander:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder("theirs")

    plugins = [("first", Good()), ("second", AlsoYieldsMine()), ("third", Bystander())][::order]
    loaded = manager.load(plugins, allowed="")
    infos = {info.name: info for info in loaded.infos}
    for name in ("first", "second"):
        assert infos[name].status == "failed"
        assert infos[name].contributions == {}
        assert "encoder 'mine' is provided by" in (infos[name].error or "")
        assert "first 0" in (infos[name].error or "")
        assert "second 0" in (infos[name].error or "")
    assert infos["third"].status == "ok"
    assert {"theirs"} == set(loaded.registries.encoders.names()) - {"bow", "cnn", "lstm"}
    with pytest.raises(UnknownNameError, match=r"encoder 'mine' is provided by .* and again by .*RECFRAME_PLUGINS"):
        loaded.registries.encoders["mine"]


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
