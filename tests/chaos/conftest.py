"""The processes that are killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.forks import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()
