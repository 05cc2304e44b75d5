"""What goes wrong in a plugin's code is told with the contribution, the plugin, the time, and the line."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import recframe
from recframe.errors import DataError, PluginError, UnknownNameError
from recframe.plugin import manager
from recframe.plugin.guard import unguarded
from recframe.plugin.types import DatasetFiles, DatasetType, EncoderType, FeatureType, LossType

HERE = rf"\({re.escape(__file__)}:\d+\)"
CHECK = r"; `recframe check recframe-mine` tests it in detail$"


def loaded(*contributions: Any) -> recframe.plugin.registry.Registries:  # type: ignore[name-defined]
    """The registries with a plugin of these losses, features, datasets or encoders."""

    class Plugin:
        @recframe.hookimpl
        def recframe_losses(self) -> Iterator[Any]:
            return (c for c in contributions if isinstance(c, LossType))

        @recframe.hookimpl
        def recframe_feature_types(self) -> Iterator[Any]:
            return (c for c in contributions if isinstance(c, FeatureType))

        @recframe.hookimpl
        def recframe_datasets(self) -> Iterator[Any]:
            return (c for c in contributions if isinstance(c, DatasetType))

        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[Any]:
            return (c for c in contributions if isinstance(c, EncoderType))

    return manager.load([("recframe-mine", Plugin())], allowed="", strict=True).registries


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        raise error

    return function


def dataset(load: Any, **functions: Any) -> DatasetType:
    made = DatasetType("bad", summary="Broken.", load=load, **functions)
    return loaded(made).datasets["bad"]


def loss(build: Any, **functions: Any) -> LossType:
    return loaded(LossType("bad", summary="Broken.", build=build, **functions)).losses["bad"]


def test_an_error_names_plugin_contribution_function_and_line() -> None:
    error = ZeroDivisionError("division\nby zero")
    with pytest.raises(PluginError) as caught:
        dataset(raising(error)).load(None, None)  # type: ignore[arg-type]
    start = r"^dataset 'bad' of recframe-mine 0 fails in `load`: ZeroDivisionError: division "
    assert re.search(start + HERE + CHECK, str(caught.value))
    assert caught.value.__cause__ is error


def test_the_line_is_the_innermost_one_of_the_plugin() -> None:
    def load(options: Any, context: Any) -> Any:
        return re.compile("(")  # the error is raised in the standard library

    line = load.__code__.co_firstlineno + 1
    with pytest.raises(PluginError, match=rf"{re.escape(__file__)}:{line}\)"):
        dataset(load).load(None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        DataError("line 3 has no user"),
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device"),
        KeyboardInterrupt(),
        SystemExit(3),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_not_the_plugins_fault_stays_as_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        dataset(raising(error)).load(None, None)  # type: ignore[arg-type]
    assert caught.value is error


def test_functions_that_are_returned_are_blamed_too() -> None:
    function = loss(lambda options, context: raising(ValueError("boom"))).build(None, None)  # type: ignore[arg-type]
    with pytest.raises(PluginError, match=r"^loss 'bad' of recframe-mine 0 fails when its loss is called: ValueError"):
        function(1, 2, 3, 4)
    files = DatasetFiles((), raising(ValueError("boom")))
    read = dataset(raising(ValueError()), files=lambda options, context: files).files(None, None).read  # type: ignore[arg-type]
    with pytest.raises(PluginError, match=r"^dataset 'bad' of recframe-mine 0 fails when its files are read: Value"):
        read()


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: loss(lambda o, c: 3).build(None, None), "gives an int in `build`; expected a function"),  # type: ignore[arg-type]
        (
            lambda: loss(raising(ValueError()), compared=lambda o, n, t: None).compared(None, 1, 1),
            "gives None in `compared`; expected a whole number",
        ),
        (
            lambda: (
                loaded(EncoderType("bad", summary="Broken.", build=lambda o, c: None))  # type: ignore[arg-type, return-value]
                .encoders["bad"]
                .build(None, None)
            ),  # type: ignore[arg-type]
            "gives None in `build`; expected a Keras layer",
        ),
        (
            lambda: (
                loaded(EncoderType("bad", summary="Broken.", build=raising(ValueError()), causal=lambda o: "no"))  # type: ignore[arg-type, return-value]
                .encoders["bad"]
                .causal(None)
            ),
            "gives a str in `causal`; expected True or False",
        ),
    ],
    ids=["no function", "no number", "no layer", "no truth"],
)
def test_a_result_of_another_type_is_refused_with_what_is_expected(ask: Callable[[], Any], words: str) -> None:
    with pytest.raises(PluginError, match=rf"^(loss|encoder) 'bad' of recframe-mine 0 {words}.*{HERE}{CHECK}"):
        ask()


def test_built_in_contributions_are_not_wrapped() -> None:
    registries = recframe.load_plugins()
    for kind in (registries.encoders["bow"], registries.losses["softmax"]):
        assert kind.origin is None
        assert not hasattr(kind.build, "__wrapped__")


def test_suites_get_an_authors_own_functions() -> None:
    error = ValueError("boom")
    own = unguarded(dataset(raising(error)))
    with pytest.raises(ValueError, match="boom"):
        own.load(None, None)  # type: ignore[arg-type]


def test_a_failure_while_loading_has_its_line() -> None:
    class Plugin:
        @recframe.hookimpl
        def recframe_losses(self) -> Iterator[Any]:
            raise RuntimeError("no licence found")

    info = manager.load([("recframe-mine", Plugin())], allowed="").infos[-1]
    assert re.fullmatch(rf"RuntimeError: no licence found {HERE}", info.error or "")


def test_errors_pass_through_keras_with_their_own_message() -> None:
    keras = pytest.importorskip("keras")

    class Refusing(keras.layers.Layer):  # type: ignore[misc]
        def call(self, values: Any) -> Any:
            raise UnknownNameError("no such name", "encoder")

    with pytest.raises(UnknownNameError, match=r"^no such name$"):
        Refusing()(keras.ops.ones((1, 1)))
