"""Decides whether the order of a file is meaningful for events with equal times.

A log shows which of two events in one second came first. A file that is sorted by item within a second does not: the
larger id always comes next. A model that learns this predicts the file, not the user.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.interactions.chunks import chunks, occurrences

#: The significance level of the tests.
SIGNIFICANCE = 0.01
#: Rows count as sorted by item if at least this share of the steps goes in one direction.
SORTED = 0.9


def direction_of_time(user: np.ndarray, times: np.ndarray, row: np.ndarray, parts: np.ndarray | None) -> int:
    """1 if each user's rows are in ascending order of time in the file, -1 if in descending order, else 0.

    It is also 0 if there are too few rows, since a few may be in order by chance. If the data is already split, each
    part is checked separately, since a part is a file.

    Args:
        user, times, row, parts: int [events], sorted by user, time and row; `row` is the row in the file.
    """
    steps = rising = falling = 0
    for part in (None,) if parts is None else np.unique(parts):
        of_part = slice(None) if part is None else parts == part
        users, moments, rows = user[of_part], times[of_part], row[of_part]
        taken, rose = _steps(users, moments, rows)
        steps, rising = steps + taken, rising + rose
        if rose == 0:  # if any step rises, the order cannot be descending
            falling += _falling(users, moments, rows)
    if not is_significant(steps, steps):
        return 0
    return 1 if rising == steps else -1 if falling == steps else 0


def _steps(users: np.ndarray, moments: np.ndarray, rows: np.ndarray) -> tuple[int, int]:
    """How many steps there are from the last row of one time of a user to the first row of the next; how many rise."""
    steps = rising = 0
    for part in chunks(len(rows) - 1):
        after = slice(part.start + 1, part.stop + 1)
        step = (users[after] == users[part]) & (moments[after] != moments[part])
        steps += int(np.count_nonzero(step))
        rising += int(np.count_nonzero(step & (rows[after] > rows[part])))
    return steps, rising


def _falling(users: np.ndarray, moments: np.ndarray, rows: np.ndarray) -> int:
    """How many steps lead to rows that all stand before those of the time before."""
    same_user = users[1:] == users[:-1]
    first = np.flatnonzero(np.append(True, ~same_user | (moments[1:] != moments[:-1])))
    last = np.append(first[1:], len(rows)) - 1
    return int(np.count_nonzero(same_user[first[1:] - 1] & (rows[last[1:]] < rows[first[:-1]])))


@frozen(eq=False)
class TiedPairs:
    """Pairs of neighbouring events in the file that have the same user and time.

    Attributes:
        first, second: int64 [pairs]; the positions of the two events in the file.
        user: int [pairs].
    """

    first: np.ndarray
    second: np.ndarray
    user: np.ndarray


def is_learnable(pairs: TiedPairs, item: np.ndarray, item_ids: np.ndarray) -> bool:
    """Whether a model could predict the second event of a tied pair from the first.

    This is so if significantly more, or fewer, than half of the pairs are in ascending order of the id (as a number or
    as text), of popularity, of first appearance in the file, or of a score learnt from other users. Pairs with the
    same item do not count.

    Args:
        item: int [events] indices into `item_ids`, in the order of the file.
    """
    first, second = item[pairs.first], item[pairs.second]
    for rank in _ranks(first, second, item, item_ids):
        if _is_ordered(rank[first], rank[second]):
            return True
    appears = np.empty(len(item_ids), np.int64)
    for part in reversed(list(chunks(len(item)))):  # of equal places the last that is written stays
        appears[item[part][::-1]] = np.arange(part.start, part.stop)[::-1]
    # An item that appears for the first time appears after every known one, in any order.
    known = (appears[first] < pairs.first) & (appears[second] < pairs.first)
    if _is_ordered(appears[first[known]], appears[second[known]]):
        return True
    is_training = pairs.user % 2 == 0  # learn a score from half of the users, and test it on the others
    size = len(item_ids)
    score = np.bincount(second[is_training], minlength=size) - np.bincount(first[is_training], minlength=size)
    return _is_ordered(score[first[~is_training]], score[second[~is_training]])


def _ranks(first: np.ndarray, second: np.ndarray, item: np.ndarray, item_ids: np.ndarray) -> Iterator[np.ndarray]:
    """Ranks, int64 [items] each, by which files are often sorted."""
    yield np.arange(len(item_ids))
    yield occurrences(item, len(item_ids))
    used = np.unique(np.concatenate([first, second]))
    texts = item_ids[used].astype(str)
    for order in (np.argsort(texts), np.lexsort((texts, np.char.str_len(texts)))):  # "10" before "9", and after it
        rank = np.zeros(len(item_ids), np.int64)
        rank[used[order]] = np.arange(len(used))
        yield rank


def _is_ordered(first: np.ndarray, second: np.ndarray) -> bool:
    rising, falling = int(np.count_nonzero(first < second)), int(np.count_nonzero(first > second))
    return is_significant(rising, rising + falling)


def is_significant(count: int, of: int) -> bool:
    """Whether `count` heads in `of` fair coin tosses are significant, by the exact two-sided binomial test.

    Neighbouring pairs in a group of several events are not independent, but they vary less than independent ones, so
    the test is conservative.
    """
    few = min(count, of - count)
    if 2 * few == of:
        return False
    ways = math.lgamma(of + 1) - math.lgamma(few + 1) - math.lgamma(of - few + 1)
    # What is 60 standard deviations rarer than `few` adds nothing. One head less has h / (of - h + 1) times the chance.
    heads = np.arange(few, max(few - 30 * math.isqrt(of), 0), -1)
    ratios = np.cumsum(np.log(heads) - np.log(of - heads + 1))
    chance = math.exp(ways - of * math.log(2)) + float(np.exp(ways - of * math.log(2) + ratios).sum())
    return 2 * chance < SIGNIFICANCE


def sorted_by_item_note(user: np.ndarray, item: np.ndarray) -> str | None:
    """A note if rows without times are sorted by item within a user, since users do not act in that order.

    Args:
        user, item: int [events] indices into the sorted ids.
    """
    step = np.diff(item)[user[1:] == user[:-1]]
    rising, falling = int(np.count_nonzero(step > 0)), int(np.count_nonzero(step < 0))
    most, of = max(rising, falling), rising + falling
    if most < SORTED * of or not is_significant(most, of):
        return None
    kind = "larger" if rising > falling else "smaller"
    return (
        f"{most:,} of {of:,} events have a {kind} item id than the user's previous event: are the rows sorted by item? "
        "Then their order is not the order of the events, and the model learns the order of the ids; name a column of "
        "times"
    )
