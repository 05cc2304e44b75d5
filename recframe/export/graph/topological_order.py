"""The order of a graph's nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def needed_in_order(last: Iterable[int], reads: Callable[[int], Iterable[int]]) -> list[int]:
    """The nodes `last` and all that they need: each node stands after the nodes that it reads.

    Args:
        reads: The nodes that a node reads, in its order.
    """
    ordered: list[int] = []
    seen: set[int] = set()
    # With a list and not by recursion: an unrolled encoder is deeper than Python's stack.
    waiting = [(node, False) for node in reversed(list(last))]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            ordered.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((earlier, False) for earlier in reversed(list(reads(node))))
    return ordered
