"""Declares an option of a spec class: its default, its help and its allowed values, in one place.

units: int = option(32, ge=1, help="Length of the LSTM's state.")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs

from recframe.errors import Problem, SpecError

REQUIRED: Any = attrs.NOTHING


def option(
    default: Any = REQUIRED,
    *,
    help: str,  # the word that users know from every command line
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    choices: tuple[Any, ...] | None = None,
) -> Any:
    """Declare one option of a spec class: its default, its help and its allowed values.

    Args:
        default: The default value. Leave it out for an option that must be given.
        help: One line for `recframe describe` and the reference.
        ge, gt, le, lt: Bounds, for numbers and for each number of a tuple, list or set.
        choices: The only values allowed.
    """
    bounds = {"ge": ge, "gt": gt, "le": le, "lt": lt}
    metadata = {"help": help, "choices": choices, **{k: v for k, v in bounds.items() if v is not None}}
    return attrs.field(default=default, validator=_validate, metadata=metadata, kw_only=True)


def name_option(default: str, *, help: str) -> Any:
    """Declare an option whose text names a file; `require_name` checks it."""
    metadata = {"help": help, "name": True}
    return attrs.field(default=default, validator=_validate, metadata=metadata, kw_only=True)


#: A file name that every system allows: no separator, no leading or trailing dot, no control character.
_NAME = re.compile(r"\w(?:[\w.-]{0,98}\w)?")


def require_name(value: str) -> None:
    """Raise SpecError if a text cannot name a group, a feature or a label, since files and tensors get this name."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise SpecError(
            f"{value!r:.80} is not a valid name: it names files, so use up to 100 letters, digits and _, with . and - "
            "between"
        )


_TESTS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "ge": ("at least", lambda value, bound: value >= bound),
    "gt": ("greater than", lambda value, bound: value > bound),
    "le": ("at most", lambda value, bound: value <= bound),
    "lt": ("less than", lambda value, bound: value < bound),
}


def constraint(field: attrs.Attribute[Any]) -> str:
    """The allowed values in words, such as `at least 1, at most 5`; empty if any value is allowed."""
    if field.metadata.get("name"):
        return "a name of letters, digits, _, . and -"
    if field.metadata.get("choices"):
        return "one of " + ", ".join(map(_choice, field.metadata["choices"]))
    return ", ".join(f"{words} {field.metadata[key]}" for key, (words, _) in _TESTS.items() if key in field.metadata)


def _choice(value: Any) -> str:
    """A value as text for a config file."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def check(field: attrs.Attribute[Any], value: Any) -> None:
    """Check a value of an option, whether it comes from a config, from Python or from protobuf.

    Raises:
        SpecError: if the option does not allow the value.
    """
    if field.validator is not None:
        field.validator(None, field, value)


def _validate(_instance: Any, field: attrs.Attribute[Any], value: Any) -> None:
    if field.metadata.get("name"):
        try:
            require_name(value)
        except SpecError as error:
            raise SpecError(Problem(str(error), (field.name,))) from None
    for item in value if isinstance(value, tuple | list | set | frozenset) else (value,):
        if item is None:
            continue
        choices = field.metadata.get("choices")
        outside = choices is not None and item not in choices
        for key, (_, holds) in _TESTS.items():
            bound = field.metadata.get(key)
            # `not holds` refuses NaN, which compares false with everything; the inverse comparison would accept it.
            outside = outside or (bound is not None and not holds(item, bound))
        if outside:
            raise SpecError(Problem(f"{item!r} is not allowed: must be {constraint(field)}", (field.name,)))
