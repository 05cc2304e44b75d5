"""Every demand of every suite finds a contribution that breaks it: a contract that cannot fail is worth nothing."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import re
from importlib import metadata
from types import SimpleNamespace

import pytest

from recframe.plugin import manager
from recframe.plugin.types import Contribution
from recframe.testing.runner import check
from recframe.testing.suites import SUITES
from tests.contracts.broken import BROKEN, Plugin


@functools.cache
def told(kind: str) -> str:
    """What `recframe check` prints about a plugin of nothing but broken contributions of one kind."""
    dist = SimpleNamespace(name="recframe-broken", version="0")
    point = SimpleNamespace(name="broken", value="tests", dist=dist, load=functools.partial(Plugin, kind))
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.setattr(metadata, "entry_points", lambda group: [point])
        patch.delenv("RECFRAME_PLUGINS", raising=False)
        manager._cached.cache_clear()
        try:
            assert check("recframe-broken") == 1
        finally:
            manager._cached.cache_clear()
    return output.getvalue()


@pytest.mark.parametrize(("contribution", "demand"), BROKEN, ids=[f"{c.kind}-{c.name}" for c, _ in BROKEN])
def test_the_suite_notices(contribution: Contribution, demand: str) -> None:
    subject = f"{contribution.kind}/{contribution.name}"
    failed = re.findall(rf"^{subject} breaks: (.*)$", told(contribution.kind), re.MULTILINE)
    assert demand in failed, f"{subject} breaks {failed}"
    assert re.search(rf"^  {subject} +failed +{len(failed)} failed", told(contribution.kind), re.MULTILINE)


@pytest.mark.parametrize("kind", SUITES)
def test_every_demand_is_broken_by_something(kind: str) -> None:
    demands = {
        name.removeprefix("test_").replace("_", " ")
        for name, _ in inspect.getmembers(SUITES[kind], inspect.isfunction)
        if name.startswith("test_")
    }
    assert demands == {demand for contribution, demand in BROKEN if contribution.kind == kind}
