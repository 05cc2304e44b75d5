"""pytest's fixtures for plugin authors. Write `pytest_plugins = ["recframe.testing.fixtures"]` in conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from recframe.plugin.manager import using
from recframe.plugin.registry import Registries


@pytest.fixture
def recframe_plugins() -> Iterator[Callable[..., Registries]]:
    """Until the test ends, recframe has these plugins too, in Python and in its commands: `recframe_plugins(mine)`.

    It takes modules or objects with hooks, and single contributions; it returns the registries.
    """
    with ExitStack() as stack:
        yield lambda *plugins: stack.enter_context(using(plugins))
