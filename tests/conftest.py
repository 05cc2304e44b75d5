"""The order of the tests: the longest file first, so that no process is left alone with it at the end."""

from __future__ import annotations

import pytest

FIRST = "test_quality.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name != FIRST)  # a stable sort: the rest keeps its order
