import enum
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import attrs
import pytest
from omegaconf import OmegaConf

import recframe
from recframe.config import register
from recframe.errors import PluginError, UnknownNameError
from recframe.plugin import manager
from recframe.plugin.option_classes import require_plain_options
from recframe.plugin.registry import KINDS
from recframe.spec.convert import options_of, structure


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


def test_a_plugin_that_gives_one_name_twice_is_refused() -> None:
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


class Colour(enum.Enum):
    RED = "red"


def options_class(annotation: Any, default: Any) -> type:
    units = attrs.field(type=annotation, default=default, kw_only=True, metadata={"help": "Units."})
    return attrs.make_class("Options", {"units": units}, frozen=True)


UNFIT = [
    (complex, 1j),
    (object, object()),
    (int, object()),
    (bytes, b"x"),
    (str, "${oops"),
    (str, "a ${b} c"),
    (dict[str, int], {(1, 2): 3}),
    (list[int], [1, 2j]),
    ("Undefined", 8),
    (None, 8),
]


@pytest.mark.parametrize(("annotation", "default"), UNFIT, ids=[str(case) for case in range(len(UNFIT))])
def test_an_option_that_no_config_holds_is_refused_and_harms_no_other(annotation: Any, default: Any) -> None:
    class Unfit:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder("unfit", options=options_class(annotation, default))

    loaded = manager.load([("unfit", Unfit()), ("good", Good())], allowed="")
    unfit, good = loaded.infos[-2:]
    assert (unfit.status, good.status) == ("failed", "ok")
    assert "EncoderType 'unfit'" in (unfit.error or "")
    assert "units" in (unfit.error or "") or "Undefined" in (unfit.error or "")
    register(loaded.registries)  # as every command does


FIT = [
    (int, 8),
    (float, 0.5),
    (bool, True),
    (str, "$x {y}"),
    (str | None, None),
    (Path, Path("a/b")),
    (Colour, Colour.RED),
    (tuple[int, ...], (1, 2)),
    (list[str], ["a"]),
    (frozenset[int], frozenset([1])),
    (dict[str, int], {"a": 1}),
    (Literal["a", "b"], "a"),
    (int | str, 8),
    (Any, 1),
]


@pytest.mark.parametrize(("annotation", "default"), FIT, ids=[str(case) for case in range(len(FIT))])
def test_an_option_that_is_taken_comes_back_from_a_config(annotation: Any, default: Any) -> None:
    options = options_class(annotation, default)

    class Fit:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder("fit", options=options)

    loaded = manager.load([("fit", Fit())], allowed="")
    assert loaded.infos[-1].status == "ok"
    plain = OmegaConf.to_container(OmegaConf.create({"type": "fit", **options_of(options)}), resolve=True)
    made = structure({"encoder": plain}, loaded.registries).encoder.options
    assert made == options()


def test_the_builtin_options_are_such_as_a_plugin_may_have() -> None:
    registries = manager.load(allowed="").registries
    for kind in KINDS:
        for contribution in registries.of(kind).values():
            require_plain_options(contribution)


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
