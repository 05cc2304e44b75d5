import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

import recframe
from recframe import manager
from recframe.errors import PluginError


def encoder(name: str = "mine", **kwargs: Any) -> recframe.EncoderType:
    return recframe.EncoderType(name, summary="For the test.", build=lambda options, context: None, **kwargs)  # type: ignore[arg-type, return-value]


class Good:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
        yield encoder()


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
    (YieldsAnotherKind, "recframe_losses must yield LossType values, and yielded EncoderType"),
    (ReturnsOne, "recframe_encoders must yield EncoderType values, and returned EncoderType"),
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


def test_a_duplicate_names_both_providers() -> None:
    second = manager.load([("first", Good()), ("second", Good())], allowed="").infos[-1]
    assert "'mine' is provided by first 0 and again by second 0" in (second.error or "")


def test_strict_raises_and_names_the_plugin() -> None:
    with pytest.raises(PluginError, match=r"'broken'.*no licence found"):
        manager.load([("broken", Raises())], allowed="", strict=True)


def installed(monkeypatch: pytest.MonkeyPatch, name: str, load: Any) -> None:
    point = SimpleNamespace(name="point", dist=SimpleNamespace(name=name, version="1.2"), load=load)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point])


def test_an_entry_point_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> Any:
        raise ModuleNotFoundError("No module named 'torch'")

    installed(monkeypatch, "recframe-x", load)
    info = manager.load().infos[-1]
    assert (info.distribution, info.version, info.status) == ("recframe-x", "1.2", "failed")
    assert info.error == "ModuleNotFoundError: No module named 'torch'"


@pytest.mark.parametrize(
    ("allowed", "status"), [(None, "ok"), ("", "disabled"), ("Recframe_X", "ok"), ("other", "disabled")]
)
def test_the_allow_list_goes_by_distribution(monkeypatch: pytest.MonkeyPatch, allowed: str, status: str) -> None:
    installed(monkeypatch, "recframe-x", Good)
    infos = manager.load(allowed=allowed).infos
    assert next(info.status for info in infos if info.distribution == "recframe-x") == status
    assert all(info.status == "ok" for info in infos if info.distribution == "recframe")


def test_a_name_of_the_allow_list_that_is_not_installed_is_reported() -> None:
    info = manager.load(allowed="recframe-nowhere").infos[-1]
    assert info.status == "failed"
    assert "recframe-nowhere" in (info.error or "")


def test_the_environment_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "recframe-fresh", Good)
    monkeypatch.setenv("RECFRAME_PLUGINS", "recframe-fresh")
    monkeypatch.setenv("RECFRAME_STRICT_PLUGINS", "1")
    manager._cached.cache_clear()
    try:
        assert recframe.load_plugins().encoders.source("mine") == "recframe-fresh 1.2"
        assert recframe.load_plugins() is recframe.load_plugins()
        monkeypatch.setenv("RECFRAME_PLUGINS", "")
        assert "mine" not in recframe.load_plugins().encoders
    finally:
        manager._cached.cache_clear()


def test_loading_imports_nothing_heavy() -> None:
    code = "import sys, recframe; recframe.load_plugins(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy", "polars", "hydra", "omegaconf"} & set(run.stdout.split())
