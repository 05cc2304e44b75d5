"""Plugins that are not installed: `plugins=[...]` in Python, and the fixture for tests."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType

import attrs
import pytest

import recframe
from recframe.errors import PluginError, SpecError
from recframe.plugin import manager
from recframe.plugin.registry import Registries
from recframe.testing.fixtures import recframe_plugins  # noqa: F401, a fixture
from tests.plugin.contributions import Good, encoder


@attrs.frozen
class Sized:
    units: int = recframe.option(8, ge=1, help="How many.")


@pytest.mark.parametrize("plugin", [Good(), encoder()], ids=["an object with hooks", "a contribution"])
def test_a_given_plugin_is_there_for_one_call(plugin: object) -> None:
    spec = recframe.compose(["encoder=mine"], plugins=[plugin])
    assert spec.encoder.type == "mine"
    assert "mine" not in recframe.load_plugins().encoders
    with pytest.raises(SpecError, match="no encoder 'mine'"):
        recframe.compose(["encoder=mine"])


def test_a_module_with_hooks_and_its_options() -> None:
    module = ModuleType("my_module")
    module.recframe_encoders = recframe.hookimpl(lambda: [encoder(options=Sized)])  # type: ignore[attr-defined]
    spec = recframe.compose(["encoder=mine", "encoder.units=3"], plugins=[module])
    assert spec.encoder.options == Sized(units=3)
    with manager.using([module]) as registries:
        assert registries.encoders.source("mine") == "my_module (given in Python)"


def test_the_same_code_given_twice_is_one() -> None:
    one = encoder()
    with manager.using([one, one]) as registries:
        assert inspect.unwrap(registries.encoders["mine"].build) is one.build


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        (encoder("bow"), "encoder 'bow' is provided by recframe"),
        (sys, "implements no hook"),
        (encoder(options=attrs.make_class("O", {"x": recframe.option(1, help="X.")}, frozen=True)), "has no type"),
    ],
    ids=["a built-in's name", "no plugin", "an unfit option"],
)
def test_a_given_plugin_that_breaks_a_rule_is_an_error(plugin: object, words: str) -> None:
    with pytest.raises(PluginError, match=words):
        recframe.compose([], plugins=[plugin])


@pytest.mark.parametrize("wrong", [sys, encoder(), "recframe_mine"])
def test_plugins_wants_a_list(wrong: object) -> None:
    with pytest.raises(PluginError, match="plugins expects a list"):
        recframe.compose([], plugins=wrong)  # type: ignore[arg-type]


def test_the_fixture(recframe_plugins: Callable[..., Registries]) -> None:  # noqa: F811
    assert "mine" in recframe_plugins(Good()).encoders
    assert recframe.compose(["encoder=mine"]).encoder.type == "mine"


def test_compose_says_that_it_wants_a_list() -> None:
    with pytest.raises(SpecError, match=r"expects a list of overrides, as \['encoder=lstm'\]"):
        recframe.compose("encoder=lstm")
