"""Refuses connections while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Every connection fails in the block, as it does on a machine without network; yields the hosts asked for."""
    asked: list[str] = []

    def find(host: Any, *_: Any, **__: Any) -> NoReturn:
        asked.append(str(host))
        raise OSError("a contract suite has no network")

    def connect(_: Any, address: Any) -> NoReturn:
        find(address)

    with mock.patch("socket.getaddrinfo", find), mock.patch("socket.socket.connect", connect):
        yield asked
