"""Makes attrs classes from plain values. The cattrs hooks are strict and collect every problem with its path."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
import cattrs

from recframe.errors import Problem, SpecError
from recframe.errors.nearest import listing
from recframe.spec.option import check

Options = TypeVar("Options")

MISSING = "???"  # how OmegaConf marks a value that must be given


class Problems(Exception):
    """The mistakes so far. Each path is relative to the value whose hook raised them."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = list(problems)

    def add(self, path: tuple[str, ...], message: str, unknown: str = "") -> None:
        self.problems.append(Problem(message, path, unknown))

    def raise_if_any(self) -> None:
        if self.problems:
            raise self

    def error(self) -> SpecError:
        """The error for the user."""
        return SpecError(self.problems)


@contextmanager
def collect(problems: Problems, *prefix: str) -> Iterator[None]:
    """Add the problems that the block raises, with `prefix` in front of their paths."""
    try:
        yield
    except Problems as inner:
        for problem in inner.problems:
            problems.add(prefix + problem.path, problem.message, problem.unknown)
    except SpecError as error:
        for problem in error.mistakes:
            # The path of an option's own check begins with the option, which is also the end of the prefix.
            path = problem.path[1:] if prefix and problem.path[:1] == prefix[-1:] else problem.path
            problems.add(prefix + path, problem.message, problem.unknown)
    except (ValueError, TypeError) as error:
        # From an options class that has a check of its own.
        problems.add(prefix, str(error))


def type_name(annotation: Any) -> str:
    """A type in words: `integer`, `list of integers`, `text or null`."""
    if annotation in _WORDS:
        return _WORDS[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "one of " + ", ".join(map(str, args))
    if origin in (Union, types.UnionType):
        return " or ".join(type_name(arg) for arg in args)
    if origin in (tuple, list, Sequence) and args:
        members = get_args(args[0]) if get_origin(args[0]) in (Union, types.UnionType) else args[:1]
        return f"list of {' or '.join(_PLURALS.get(member, type_name(member)) for member in members)}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "mapping"
    return getattr(annotation, "__name__", str(annotation))


_WORDS: dict[Any, str] = {
    int: "integer",
    float: "number",
    bool: "true or false",
    str: "text",
    Path: "path",
    type(None): "null",
    Any: "any value",
}


_PLURALS: dict[Any, str] = {int: "integers", float: "numbers", str: "texts", Path: "paths"}


def _wrong(annotation: Any, value: Any) -> Problems:
    words = type_name(annotation)
    article = "" if words.startswith(("true", "one of", "any", "text")) else "an " if words[0] in "aeiou" else "a "
    return Problems(Problem(f"expected {article}{words}, got {value!r}"))


def expect_mapping(value: Any) -> Mapping[str, Any]:
    if value == MISSING:
        raise Problems(Problem("must be given"))
    if not isinstance(value, Mapping):
        raise Problems(Problem(f"expected a mapping of keys to values, got {value!r}"))
    return value


def make_converter() -> cattrs.Converter:
    """A converter whose hooks raise `Problems`."""
    converter = cattrs.Converter(detailed_validation=False)

    def union(value: Any, annotation: Any) -> Any:
        members = get_args(annotation)
        problem = None
        for member in members:
            try:
                return converter.structure(value, member)
            except Problems as inner:
                # For a wrong value in a nested class, the inner problem tells more than "expected ...".
                problem = inner if any(nested.path for nested in inner.problems) else problem
        raise problem or _wrong(annotation, value)

    def sequence(value: Any, annotation: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _wrong(annotation, value)
        origin, args = get_origin(annotation), get_args(annotation)
        fixed = origin is tuple and args and args[-1] is not ...
        if fixed and len(args) != len(value):
            raise Problems(Problem(f"expected {len(args)} values, got {value!r}"))
        problems, items = Problems(), []
        for index, item in enumerate(value):
            with collect(problems, str(index)):
                items.append(converter.structure(item, (args[index] if fixed else args[0]) if args else Any))
        problems.raise_if_any()
        return tuple(items) if origin is not list else items

    def mapping(value: Any, annotation: Any) -> Any:
        args = get_args(annotation)
        problems, items = Problems(), {}
        for key, item in expect_mapping(value).items():
            with collect(problems, str(key)):
                items[key] = converter.structure(item, args[1] if args else Any)
        problems.raise_if_any()
        return items

    def literal(value: Any, annotation: Any) -> Any:
        # The types are compared too, since True == 1.
        if not any(type(value) is type(choice) and value == choice for choice in get_args(annotation)):
            raise _wrong(annotation, value)
        return value

    origins: list[tuple[tuple[Any, ...], Callable[[Any, Any], Any]]] = [
        ((Union, types.UnionType), union),
        ((tuple, list, Sequence), sequence),
        ((dict, Mapping), mapping),
        ((Literal,), literal),
    ]
    for kinds, hook in origins:
        converter.register_structure_hook_func(_origin_in(kinds), _refusing_missing(hook))
    converter.register_structure_hook_func(attrs.has, lambda value, cls: structure_class(converter, value, cls))
    converter.register_structure_hook_func(lambda t: t is type(None), _refusing_missing(_scalar))
    for scalar in (int, float, bool, str, Path):
        # Registered by class, since cattrs tries its own hooks for these classes before any hook with a predicate.
        converter.register_structure_hook(scalar, _refusing_missing(_scalar))
    return converter


def _origin_in(kinds: tuple[Any, ...]) -> Callable[[Any], bool]:
    return lambda annotation: get_origin(annotation) in kinds


def _refusing_missing(hook: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def hook_or_refusal(value: Any, annotation: Any) -> Any:
        if isinstance(value, str) and value == MISSING:
            raise Problems(Problem("must be given"))
        return hook(value, annotation)

    return hook_or_refusal


def _scalar(value: Any, annotation: Any) -> Any:
    if annotation is float and type(value) in (int, float):
        return float(value)
    if annotation is Path and isinstance(value, str | Path):
        return Path(value)
    if annotation not in _WORDS:
        # A subclass, such as an enum of numbers: it knows its own values, and collect() reports its ValueError.
        return annotation(value)
    if type(value) is not annotation:
        raise _wrong(annotation, value)
    return value


def structure_class(converter: cattrs.Converter, value: Any, cls: type, other_keys: tuple[str, ...] = ()) -> Any:
    """An instance of an attrs class from a mapping. Unknown keys, missing values, types and ranges are checked.

    Args:
        other_keys: Keys that the caller reads itself, which a message lists beside the fields.
    """
    mapping = expect_mapping(value)
    fields = {field.name: field for field in attrs.fields(attrs.resolve_types(cls))}
    problems, values = Problems(), {}
    for key in mapping:
        if key not in fields:
            known = listing(key, [*other_keys, *fields], "The keys are") if fields else "; there are no options"
            problems.add((str(key),), f"unknown key{known}")
    for name, field in fields.items():
        if name not in mapping:
            if field.default is attrs.NOTHING:
                problems.add((name,), "must be given")
            continue
        with collect(problems, name):
            values[field.alias] = converter.structure(mapping[name], field.type)
            # Checked here one by one, since attrs stops at the first field that fails.
            if "help" in field.metadata:
                check(field, values[field.alias])
    problems.raise_if_any()
    with collect(problems):
        instance = cls(**values)
    problems.raise_if_any()
    return instance


def options_from(values: Mapping[str, Any], kind: type[Options]) -> Options:
    """An instance of an options class from plain values, such as those of a config.

    Raises:
        SpecError: with one line for each unknown key, wrong type or value out of range.
    """
    try:
        options: Options = structure_class(make_converter(), dict(values), kind)
    except Problems as mistakes:
        raise mistakes.error() from None
    return options
