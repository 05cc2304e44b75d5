"""JSON lines: one object a line, read by Python's parser, which tells a number from a text."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Batch, Ledger, short
from recframe.errors import DataError
from recframe.files.json_text import require_flat, too_deep
from recframe.runtime.encoding import text_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

ROWS = 100_000  # read at once
SAMPLE = 1000  # lines that tell which columns there are
_NOT_DECODED = "is not decoded"
_WHOLE, _UNSIGNED = 1 << 63, 1 << 64  # beyond int64, beyond uint64
_EXACT = 1 << 53  # from here on a float may stand for several whole numbers


class Written(float):
    """A number whose own text is another than the file's, which is kept: 1.10, 1e3, 2.0."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_KINDS: dict[type, str] = {int: "number", float: "number", Written: "number", str: "text"}


def json_columns(text: TextFile) -> list[str]:
    """The keys of the first lines, in the order in which they are met. Raises DataError where there are none."""
    columns: dict[str, None] = {}
    first = b""
    with text.open() as file:
        for line in itertools.islice(file, SAMPLE):
            first = first or line.removeprefix(b"\xef\xbb\xbf").strip()
            found, _ = _object(line)
            columns |= dict.fromkeys(found or ())
    if not any(columns):
        holds = (
            "it holds a JSON array; write each of its objects on a line of its own, as `jq -c '.[]'` does"
            if first.startswith(b"[")
            else f"its first line is {short(first[:200].decode(errors='replace'))}"
            if first
            else f"its first {SAMPLE:,} lines are blank"
        )
        raise DataError(f"{text}: one JSON object with keys is expected on each line, and there is none: {holds}")
    return [name for name in columns if name]  # Polars has no column without a name


def json_batches(
    text: TextFile,
    known: Collection[str],
    names: Sequence[str],
    ids: Mapping[str, bool],
    ledger: Ledger,
) -> Iterator[Batch]:
    """The objects; a key that is missing is null.

    Args:
        known: What `json_columns` found. The ledger tells which other keys came too late.
        names: Those of them that are read.
        ids: Those of them whose values must be all whole numbers, or all text; and whether these stand in lists.

    Raises:
        DataError: For a line that is no object, unless such are skipped; for ids of mixed types.
    """
    import numpy as np
    import polars as pl

    late: set[str] = set()
    with text.open() as file:
        objects = _objects(text, file, ledger)
        while some := list(itertools.islice(objects, ROWS)):
            numbers = np.array([number for number, _ in some])
            columns, odd = [], dict[str, tuple[str, str]]()
            for name in names:
                values = [found.get(name) for _, found in some]
                if name in ids:
                    _refuse_mixed(text, name, values, numbers, lists=ids[name])
                elif (at := _odd_one(values)) is not None:
                    odd[name] = f"{text}, line {numbers[at]}", str(values[at])
                in_lists = ids.get(name, False) and _has_lists(values)
                make = _id_lists if in_lists else _ids if name in ids else _series
                columns.append(make(name, values))
            late |= {key for _, found in some for key in found if key}.difference(known)
            yield Batch(pl.DataFrame(columns), str(text), "line", numbers, odd)
    if late:
        shown = ", ".join(map(repr, sorted(late)[:5])) + (", ..." if len(late) > 5 else "")
        ledger.remarks.append(f"{text}: not in the first {SAMPLE:,} lines, and no feature sources: {shown}")


def _objects(text: TextFile, lines: Iterable[bytes], ledger: Ledger) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        ledger.read += 1
        found, problem = _object(line)
        if found is None:
            problem = text.not_decoded if problem == _NOT_DECODED else problem
            ledger.bad(f"{text}, line {number}", problem, line.decode(errors="replace").rstrip("\r\n"))
        else:
            yield number, found


def _object(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """The object on a line, or None and what is wrong."""
    try:
        text = line.removeprefix(b"\xef\xbb\xbf").decode()
        found = (_SIGNED if "-0" in text else _PLAIN).decode(text)
        if not isinstance(found, dict):
            return None, "is no JSON object"
        require_flat(found)
        if b"\\u" in line:
            json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is JSON and no text
    except UnicodeError:
        return None, _NOT_DECODED
    except json.JSONDecodeError:
        return None, "is no JSON object, or is cut off"
    except (ValueError, RecursionError):
        return None, f"is {too_deep()}, or holds a number of thousands of digits"
    return found, ""


def _float(text: str) -> float:
    number = float(text)
    # The quick look is enough for most: what Python writes so, and is not whole.
    alike = (repr(number) == text and not text.endswith(".0")) or text_of(number) == text
    return number if alike else Written(text)


def _int(text: str) -> int | float:
    return Written(text) if text == "-0" else int(text)


#: Made once, since `json.loads` with hooks makes one for each line. -0 is rare, and a hook for whole numbers is slow.
_PLAIN, _SIGNED = json.JSONDecoder(parse_float=_float), json.JSONDecoder(parse_float=_float, parse_int=_int)


def _refuse_mixed(text: TextFile, name: str, values: list[Any], numbers: np.ndarray, lists: bool) -> None:
    given = [(value, number) for value, number in zip(values, numbers, strict=True) if value is not None]
    if lists and _has_lists(values):
        bare = next((number for value, number in given if isinstance(value, str)), None)
        if bare is not None:
            raise DataError(f"{text}, line {bare}, column {name}: text among lists of ids; make all of them lists")
        pairs = [(value if isinstance(value, list) else [value], number) for value, number in given]
        given = [(item, number) for items, number in pairs for item in items if item is not None]
    kinds = [_KINDS.get(type(value), "other") for value, _ in given]
    for (value, line), kind in zip(given, kinds, strict=True):
        if kind == "other":
            raise DataError(
                f"{text}, line {line}, column {name}: {value!r:.80} is {_name(value)} and no id; make ids text or "
                "whole numbers"
            )
        if kind != kinds[0]:
            raise DataError(
                f"{text}, line {line}, column {name}: {value!r:.80} among ids such as {given[0][0]!r:.80}: mixed id "
                "types; write all of them as text, or all as whole numbers"
            )


def _name(value: Any) -> str:
    return {dict: "an object", list: "a list", bool: "a truth value"}.get(type(value), "neither text nor number")


def _has_lists(values: list[Any]) -> bool:
    return any(isinstance(value, list) for value in values)


def _id_lists(name: str, values: list[Any]) -> pl.Series:
    """Lists of ids of one type; what is no list is one of its own, and a null in a list is left for who checks ids."""
    import polars as pl

    lists = [value if isinstance(value, list) else [] if value is None else [value] for value in values]
    kinds = {type(item) for items in lists for item in items} - {type(None)}
    if kinds == {int} and all(item is None or -_WHOLE <= item < _WHOLE for items in lists for item in items):
        return pl.Series(name, lists, pl.List(pl.Int64()))
    number = bool(kinds) and kinds <= {int, float, Written} and kinds != {int}
    convert: Callable[[Any], Any] = float if number else str
    return pl.Series(
        name,
        [[None if item is None else convert(item) for item in items] for items in lists],
        pl.List(pl.Float64() if number else pl.String()),
    )


def _odd_one(values: list[Any]) -> int | None:
    """Where the first text stands among values that are mostly numbers: all of them become text for its sake."""
    kinds = Counter(map(type, values))
    if not kinds[str] or kinds[int] + kinds[float] + kinds[Written] < kinds[str]:
        return None
    return next(at for at, value in enumerate(values) if type(value) is str)


def _ids(name: str, values: list[Any]) -> pl.Series:
    """Ids, all text or all numbers, of which it does not matter how they are written."""
    import polars as pl

    given = [value for value in values if value is not None]
    if any(isinstance(value, float) for value in given) and all(abs(value) < _WHOLE for value in given):
        return pl.Series(name, [None if value is None else float(value) for value in values], pl.Float64())
    if given and all(type(value) is int for value in given):
        low, high = min(given), max(given)
        if low >= -_WHOLE and high < _WHOLE:
            return pl.Series(name, values, pl.Int64())
        return pl.Series(name, values, pl.UInt64() if low >= 0 and high < _UNSIGNED else pl.Object())
    return pl.Series(name, [None if value is None else _text(value) for value in values], pl.String())


def _series(name: str, values: list[Any]) -> pl.Series:
    """Values of a type of their own where no text is lost by it; else their texts."""
    import polars as pl

    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean())
    if kinds == {int} and _all_below(values, _WHOLE):
        return pl.Series(name, values, pl.Int64())
    if kinds in ({float}, {int, float}) and _all_below(values, _EXACT):
        return pl.Series(name, [v if v is None else float(v) for v in values], pl.Float64())
    if kinds == {list}:
        inner = {type(item) for value in values if value for item in value}
        if inner == {int} and all(_all_below(value, _WHOLE) for value in values if value):
            return pl.Series(name, values, pl.List(pl.Int64()))
        texts = [v if v is None else [_text(item) for item in v if item is not None] for v in values]
        return pl.Series(name, texts, pl.List(pl.String()))
    return pl.Series(name, [None if value is None else _text(value) for value in values], pl.String())


def _all_below(values: list[Any], limit: int) -> bool:
    """Whether the whole numbers among some values are that near to 0."""
    return all(-limit <= value < limit for value in values if type(value) is int)


def _text(value: Any) -> str:
    if isinstance(value, Written):
        return value.text
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else text_of(value)
