"""Wraps the functions of a contribution. An error then names the plugin, and the type of a result is checked.

The content of a result is checked where it is used: the codes of a feature, the interactions of a dataset, the files of
an exporter, the values of a loss, the vectors of an encoder.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeVar

import attrs

from recframe.plugin.origin import blamed, refusal
from recframe.plugin.provider import Origin
from recframe.plugin.types import Contribution, DatasetFiles

C = TypeVar("C", bound=Contribution)


def guarded(contribution: C, origin: Origin) -> C:
    """The contribution with its origin and wrapped functions, as the registries hold it."""
    named = attrs.evolve(contribution, origin=origin)
    return _with_functions(named, lambda name, function: _guard(named, name, function))


def unguarded(contribution: C) -> C:
    """The contribution with its own functions, for tests of the errors that these raise."""
    return _with_functions(contribution, lambda name, function: inspect.unwrap(function))


def _with_functions(contribution: C, change: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> C:
    names = [field.name for field in attrs.fields(type(contribution)) if field.metadata.get("function")]
    changed: dict[str, Any] = {name: change(name, getattr(contribution, name)) for name in names}
    return attrs.evolve(contribution, **changed)


def _guard(contribution: Contribution, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    accepts, wanted = _RESULTS.get((contribution.kind, name), (_anything, ""))

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with blamed(contribution, f"in `{name}`"):
            result = function(*args, **kwargs)
        if not accepts(result):
            raise refusal(contribution, f"gives {described(result)} in `{name}`; expected {wanted}", function)
        return _guarded_result(contribution, name, result)

    return call


def _guarded_result(contribution: Contribution, name: str, result: Any) -> Any:
    """The result of a function. If the result contains a function that is called later, that one is wrapped too."""
    if (contribution.kind, name) == ("loss", "build"):
        return _blaming(contribution, "when its loss is called", result)
    if isinstance(result, DatasetFiles):
        return attrs.evolve(result, read=_blaming(contribution, "when its files are read", result.read))
    return result


def _blaming(contribution: Contribution, doing: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with blamed(contribution, doing):
            return function(*args, **kwargs)

    return call


def described(value: object) -> str:
    """How a message names an unexpected value: `None`, `the class Layer`, `a list`."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    article = "an" if type(value).__name__[0] in "AEIOUaeiou" else "a"
    return f"{article} {type(value).__name__}"


def described_in_full(value: Any) -> str:
    """How a message names an unexpected value from a hook, with its content: `list [1, 2]`."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return f"a function ({value.__name__})"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if isinstance(value, Contribution):
        return f"{type(value).__name__} {value.name!r}"
    return f"{type(value).__name__} {value!r:.80}" if value is not None else "None"


def _anything(result: object) -> bool:
    return True


def _is_layer(result: object) -> bool:
    import keras

    return isinstance(result, keras.Layer)


def _is_one_of(*types: type) -> Callable[[object], bool]:
    return lambda result: isinstance(result, types)


_LAYER = (_is_layer, "a Keras layer")
#: A test of the result of each function, and what a message says was expected.
_RESULTS: Mapping[tuple[str, str], tuple[Callable[[object], bool], str]] = {
    ("encoder", "build"): _LAYER,
    ("encoder", "causal"): (_is_one_of(bool), "True or False"),
    ("encoder", "warn"): (_is_one_of(str, type(None)), "a text, or None"),
    ("feature", "build"): _LAYER,
    ("loss", "build"): (callable, "a function, called as loss(vectors, table, labels, weights)"),
    ("loss", "compared"): (_is_one_of(int), "a whole number of labels"),
    ("dataset", "files"): (_is_one_of(DatasetFiles), "recframe.DatasetFiles"),
    ("command", "run"): (_is_one_of(int), "an exit code, such as 0"),
}
