"""Whether the order of a file says anything of events with equal times, or is one that a model could learn by heart.

A log says which of two events of one second came first. A file that is sorted by item within a second does not: there
the larger id comes next, always, and a model that learns this predicts the file and no user.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.interactions.chunks import chunks, occurrences

#: What happens by chance less often than this does not count as chance.
SIGNIFICANCE = 0.01
#: The share of steps in one direction that is no user's own doing.
SORTED = 0.9


def direction_of_time(user: np.ndarray, times: np.ndarray, row: np.ndarray, parts: np.ndarray | None) -> int:
    """1 where each user's rows stand in rising order of time, -1 where they stand in falling order, else 0.

    Also 0 where there are too few rows to tell: a few are in order by chance. Each part of data that is split already
    counts for itself, since a part is a file.

    Args:
        user, times, row, parts: int [events], sorted by user and time, equal ones by row; `row` is the row of the file.
    """
    steps = rising = falling = 0
    for part in (None,) if parts is None else np.unique(parts):
        of_part = slice(None) if part is None else parts == part
        users, moments, rows = user[of_part], times[of_part], row[of_part]
        taken, rose = _steps(users, moments, rows)
        steps, rising = steps + taken, rising + rose
        if rose == 0:  # where one step rises, not all fall
            falling += _falling(users, moments, rows)
    if not one_sided(steps, steps):
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
    """Neighbours in the file with one user and time.

    Attributes:
        first, second: int64 [pairs]; the two events of each, as places among all.
        user: int [pairs].
    """

    first: np.ndarray
    second: np.ndarray
    user: np.ndarray


def is_learnable(pairs: TiedPairs, item: np.ndarray, item_ids: np.ndarray) -> bool:
    """Whether the second of two tied neighbours can be told from the first.

    It can where significantly more, or fewer, than half of the pairs stand by rising id (as number or text),
    popularity or first appearance in the file, or as the pairs of other users say. Pairs of one item do not count.

    Args:
        item: int [events] places in `item_ids`, in the order of the file.
    """
    first, second = item[pairs.first], item[pairs.second]
    for rank in _ranks(first, second, item, item_ids):
        if _stands_by(rank[first], rank[second]):
            return True
    appears = np.empty(len(item_ids), np.int64)
    for part in reversed(list(chunks(len(item)))):  # of equal places the last that is written stays
        appears[item[part][::-1]] = np.arange(part.start, part.stop)[::-1]
    # An item that appears for the first time appears after every known one, in any order.
    known = (appears[first] < pairs.first) & (appears[second] < pairs.first)
    if _stands_by(appears[first[known]], appears[second[known]]):
        return True
    taught = pairs.user % 2 == 0
    size = len(item_ids)
    score = np.bincount(second[taught], minlength=size) - np.bincount(first[taught], minlength=size)
    return _stands_by(score[first[~taught]], score[second[~taught]])


def _ranks(first: np.ndarray, second: np.ndarray, item: np.ndarray, item_ids: np.ndarray) -> Iterator[np.ndarray]:
    """int64 [items] each: orders that files are sorted by."""
    yield np.arange(len(item_ids))
    yield occurrences(item, len(item_ids))
    used = np.unique(np.concatenate([first, second]))
    texts = item_ids[used].astype(str)
    for order in (np.argsort(texts), np.lexsort((texts, np.char.str_len(texts)))):  # 10 before 9, and after it
        rank = np.zeros(len(item_ids), np.int64)
        rank[used[order]] = np.arange(len(used))
        yield rank


def _stands_by(first: np.ndarray, second: np.ndarray) -> bool:
    rising, falling = int(np.count_nonzero(first < second)), int(np.count_nonzero(first > second))
    return one_sided(rising, rising + falling)


def one_sided(count: int, of: int) -> bool:
    """Whether so many, or so few, of fair tosses would be heads with a chance below SIGNIFICANCE.

    The exact two-sided binomial test. Neighbours in a group of several are not independent tosses, but vary
    less, so that the test errs on the safe side.
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
    """A note where rows without times, by user, are sorted by item: no user has items in that order.

    Args:
        user, item: int [events] places among the ids in order.
    """
    step = np.diff(item)[user[1:] == user[:-1]]
    rising, falling = int(np.count_nonzero(step > 0)), int(np.count_nonzero(step < 0))
    most, of = max(rising, falling), rising + falling
    if most < SORTED * of or not one_sided(most, of):
        return None
    kind = "larger" if rising > falling else "smaller"
    return (
        f"{most:,} of {of:,} events have a {kind} item id than the user's event before: are the rows sorted by item? "
        "Then their order is not that of the events, and a model learns it by heart; name a column of times"
    )
