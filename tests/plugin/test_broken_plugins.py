"""A plugin that breaks a rule is reported with the reason, and the other plugins still work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

import recframe
from recframe.errors import PluginError
from recframe.plugin import manager
from tests.plugin.contributions import Good, encoder


class YieldsAFunction:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[Any]:
        yield encoder


class YieldsAnotherKind:
    @recframe.hookimpl
    def recframe_losses(self) -> Iterator[Any]:
        yield encoder()


class ReturnsOne:
    @recframe.hookimpl
    def recframe_encoders(self) -> Any:
        return encoder()


class Misspelt:
    @recframe.hookimpl
    def recframe_encoder(self) -> Iterator[Any]:
        yield encoder()


class MisspeltOtherwise:
    @recframe.hookimpl
    def encoders(self) -> Iterator[Any]:
        yield encoder()


class Unmarked:
    def recframe_encoders(self) -> Iterator[Any]:
        yield encoder()


class TakesArguments:
    @recframe.hookimpl
    def recframe_encoders(self, config: Any) -> Iterator[Any]:
        yield encoder()


class TakesABuiltinName:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[Any]:
        yield encoder("new")
        yield encoder("bow")


class Raises:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[Any]:
        raise RuntimeError("no licence found")


class NotFrozen:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[Any]:
        yield encoder(options=type("Plain", (), {}))


@attrs.define
class Mutable:
    units: int = recframe.option(1, help="Can be changed.")


class Changeable:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[Any]:
        yield encoder(options=Mutable)


@attrs.frozen
class TypeOption:
    type: str = recframe.option("a", help="Taken.")


class ReservedOption:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[Any]:
        yield encoder(options=TypeOption)


BROKEN = [
    (YieldsAFunction, "yielded a function (encoder); have you forgotten the ()?"),
    (YieldsAnotherKind, "recframe_losses must yield LossType values, but yielded EncoderType"),
    (ReturnsOne, "recframe_encoders must yield EncoderType values, but returned EncoderType"),
    (Misspelt, "recframe_encoder is not a hook of recframe; did you mean 'recframe_encoders'?"),
    (MisspeltOtherwise, "encoders is not a hook of recframe; did you mean 'recframe_encoders'?"),
    (Unmarked, "recframe_encoders is not marked as a hook"),
    (TakesArguments, "a recframe hook takes no arguments"),
    (TakesABuiltinName, "encoder 'bow' is provided by recframe"),
    (Raises, "RuntimeError: no licence found"),
    (NotFrozen, "options must be a frozen attrs class"),
    (Changeable, "options must be a frozen attrs class"),
    (ReservedOption, "an option cannot be called 'type'"),
]


@pytest.mark.parametrize(("plugin", "words"), BROKEN, ids=[plugin.__name__ for plugin, _ in BROKEN])
def test_a_broken_plugin_is_reported_and_harms_no_other(plugin: Any, words: str) -> None:
    loaded = manager.load([("broken", plugin()), ("good", Good())], allowed="")
    broken, good = loaded.infos[-2:]
    assert broken.status == "failed"
    assert words in (broken.error or "")
    assert broken.contributions == {}
    assert good.status == "ok"
    assert loaded.registries.encoders.source("mine") == "good 0"
    assert "new" not in loaded.registries.encoders
    # An installed plugin is switched off here; no built-in is harmed.
    assert all(info.status != "failed" for info in loaded.infos[:-2])


def test_strict_raises_and_names_the_plugin() -> None:
    with pytest.raises(PluginError, match=r"'broken'.*no licence found"):
        manager.load([("broken", Raises())], allowed="", strict=True)
