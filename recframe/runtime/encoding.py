"""How a raw value becomes what the model reads, with the statistics of training that the manifest carries.

NumPy alone: training and the runtime call the same functions, so that a phone's inputs are those of training.

A feature's statistics are numbers by name:

- `mean`, `deviation`: the value is (x - mean) / deviation; with `log` 1, x is first replaced by sign(x) log(1 + |x|).
- `edges`, rising: the value is the id 1 + (the number of edges below x).
- `hash_from`, `hash_buckets`: a text outside the vocabulary is the id hash_from + crc32(UTF-8) modulo hash_buckets.
- `split_at`, code points: a text is several values, its words; they stand between characters with these code points.
  Words without an id are left out.

A category is a text: `text_of` says which text a value is. A number may be written as text: `numbers_of` reads it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Statistics = Mapping[str, float | Sequence[float]]

#: Sources that are computed from the time of the events. A column of the data with that name takes precedence.
TIME_SOURCES = ("time_since_previous", "hour", "weekday")
#: What their values count.
TIME_UNITS: Mapping[str, str] = {
    "time_since_previous": "seconds",
    "hour": "hours from midnight, UTC",
    "weekday": "days from Monday, UTC",
}
#: The number of distinct values, for the sources that have few.
TIME_SIZES: Mapping[str, int] = {"hour": 24, "weekday": 7}

#: From here on a float no longer tells neighbouring whole numbers apart.
_EXACT = 2.0**53
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_TRUTH = {"": 0.0, "true": 1.0, "false": 0.0}

#: Replaces a scaled number that is exactly 0, which would be taken for padding.
_NEAR_ZERO = np.float32(1e-6)


def text_of(value: Any) -> str:
    """The text of a value that is read as a category, or that is an id.

    A text is itself, a truth value is `true` or `false`, and a whole number has no decimal point: 2.0 is `2`. Any other
    float has the fewest digits that tell it from its neighbours, as Python writes it.

    >>> [text_of(value) for value in ("1.10", 1.10, 2.0, True, np.float32(0.1))]
    ['1.10', '1.1', '2', 'true', '0.1']
    """
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        if number.is_integer() and -_EXACT < number < _EXACT:
            return str(int(number))
        # A narrow float's own digits: as a wide one, 0.1 would be 0.10000000149.
        return str(value) if isinstance(value, np.floating) else repr(value)
    return str(value)


def texts_of(values: np.ndarray) -> np.ndarray:
    """str [n]: the text of each value of a plain array."""
    if values.dtype.kind == "U":
        return values
    if values.dtype.kind in "iu":
        return values.astype(str)
    return np.array([text_of(value) for value in values], dtype=str)


def numbers_of(values: np.ndarray) -> np.ndarray:
    """float64 [n]: the number of each value; NaN for a value that is not a number.

    A text may be a number. An empty text is 0, like any missing value; `true` is 1 and `false` is 0.
    """
    if values.dtype.kind in "iub":
        return values.astype(np.float64)
    if values.dtype.kind == "f":
        wide = values.astype(np.float64)
        if values.dtype.itemsize < 8:
            # A narrow float counts as the number that `text_of` writes: float32 0.1 is 0.1, as it is in other columns.
            whole = (np.floor(wide) == wide) & (np.abs(wide) < _EXACT)
            return np.where(whole, wide, values.astype(str).astype(np.float64))
        return wide
    return np.array([number_of(value) for value in values], np.float64)


def number_of(value: Any) -> float:
    """The number of one value; NaN if it is not a number. See `numbers_of`."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else _TRUTH.get(value.lower(), float("nan"))
    try:
        return float(text_of(value) if isinstance(value, np.floating) else value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def scaled(values: np.ndarray, statistics: Statistics) -> np.ndarray:
    """float32 [n]: scaled by `mean` and `deviation`; unchanged if there are no statistics."""
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = np.asarray(values, np.float64)
        if "mean" not in statistics:
            return numbers.astype(np.float32)
        if statistics.get("log"):
            numbers = logarithm(numbers)
        result = ((numbers - statistics["mean"]) / statistics["deviation"]).astype(np.float32)
    return np.where(result == 0, _NEAR_ZERO, result)


def logarithm(numbers: np.ndarray) -> np.ndarray:
    """float64 [n]: sign(x) log(1 + |x|), which takes any number."""
    logs: np.ndarray = np.sign(numbers) * np.log1p(np.abs(numbers))
    return logs


def bucket_ids(values: np.ndarray, statistics: Statistics) -> np.ndarray:
    """int32 [n]: the bucket of each number, from 1."""
    edges = np.asarray(statistics["edges"], np.float64)
    return (1 + np.searchsorted(edges, np.asarray(values, np.float64), side="left")).astype(np.int32)


def hashed_id(text: str, statistics: Statistics) -> int:
    """The id of a text that the vocabulary does not hold; 0 where the feature has no hash buckets."""
    first, buckets = statistics.get("hash_from"), statistics.get("hash_buckets")
    if not isinstance(first, int | float) or not isinstance(buckets, int | float):
        return 0
    return int(first) + zlib.crc32(text.encode("utf-8", "surrogatepass")) % int(buckets)


def words_of(text: str, statistics: Statistics) -> list[str]:
    """The words of a text, in its order: what stands between the characters of `split_at`, which need not be spaces.

    >>> words_of("Toy Story (1995)", {"split_at": [ord(" "), ord("("), ord(")")]})
    ['Toy', 'Story', '1995']
    """
    points = statistics["split_at"]
    separators = "".join(chr(int(point)) for point in points) if isinstance(points, Sequence) else ""
    words = re.split(f"[{re.escape(separators)}]", text) if separators else [text]
    return [word for word in words if word]


def time_values(source: str, timestamp: np.ndarray, offsets: np.ndarray | None = None) -> np.ndarray:
    """int64 [events]: one of TIME_SOURCES, from Unix seconds.

    `time_since_previous` is the seconds since the user's event before, 0 for the first; `hour` 0 to 23 and `weekday` 0
    (Monday) to 6 are of UTC.

    Args:
        timestamp: int64 [events] seconds, by user and time.
        offsets: int64 [users + 1] where each user's events begin; None: of one user.
    """
    time = np.asarray(timestamp, np.int64)
    if source == "hour":
        return time // 3600 % 24
    if source == "weekday":
        return (time // 86_400 + 3) % 7  # 1970 began on a Thursday
    since = np.diff(time, prepend=time[:1])
    if offsets is not None:
        starts = offsets[:-1]
        since[starts[starts < len(time)]] = 0
    return since


def moment_value(source: str, now: int, last: int | None, default: float | None) -> float | None:
    """One of TIME_SOURCES for the moment of asking. In training that is the time of the event that is predicted.

    Args:
        now: Unix seconds.
        last: Unix seconds of the user's last event; None where it is not known.
        default: What `time_since_previous` is where `last` is not known.
    """
    if source in TIME_SIZES:
        return int(time_values(source, np.array([now]))[0])
    return default if last is None else max(now - last, 0)  # clocks may differ
