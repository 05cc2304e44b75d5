"""Fixtures for the tests of plugins: `pytest_plugins = ["recframe.testing.fixtures"]` in a project's `conftest.py`.

- `builtin_registries`: what recframe itself contributes, whatever else is installed.
- `temporary_plugin`: makes a module's source an installed plugin, for the length of the test.
- `broken_plugin`: the same of a plugin that is broken in a chosen way.
- `recframe_plugins`: lets recframe use modules, objects and single contributions without installing them.

Plugins are loaded anew after the test. The processes that a test starts see the installed plugins too.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from recframe.plugin import manager
from recframe.plugin.registry import Registries

_LOSS = """\
import recframe

def build(options, context):
    raise NotImplementedError

@recframe.hookimpl
def recframe_losses():
    yield recframe.LossType("broken", summary="Never built.", build=build)
"""
#: The ways in which `broken_plugin` breaks a plugin, and the source of its module.
FAULTS: Mapping[str, str] = {
    "import": "import a_library_that_nobody_has\n",
    "syntax": "def build(:\n",
    "exit": "raise SystemExit(3)\n",
    "hook raises": _LOSS.replace("    yield", "    raise RuntimeError('no licence')\n    yield"),
    "hook misspelt": _LOSS.replace("recframe_losses", "recframe_losess"),
    "hook unmarked": _LOSS.replace("@recframe.hookimpl\n", ""),
    "no contribution": _LOSS.replace("yield recframe", "yield 3, recframe"),
    "name": _LOSS.replace('"broken"', '"Broken loss"'),
    "name of a built-in": _LOSS.replace('"broken"', '"softmax"'),
}


@pytest.fixture
def builtin_registries() -> Registries:
    """What recframe itself contributes, loaded afresh."""
    return manager.load(allowed="").registries


@pytest.fixture
def temporary_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """`temporary_plugin(source, name="temporary")` installs a module as `recframe-NAME` 0.1.0; returns that name.

    Until the end of the test `recframe.load_plugins`, `compose`, `train` and the command line know what it contributes.
    """
    site, modules = tmp_path / "recframe-site", set[str]()
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)

    def install(source: str, name: str = "temporary") -> str:
        distribution, module = f"recframe-{name.replace('_', '-')}", f"recframe_{name.replace('-', '_')}"
        info = site / f"{module}-0.1.0.dist-info"
        info.mkdir()
        (site / f"{module}.py").write_text(source, encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text(f"[recframe]\n{name} = {module}\n")
        modules.add(module)
        _forget()
        return distribution

    yield install
    for module in modules:
        sys.modules.pop(module, None)
    monkeypatch.undo()
    _forget()


@pytest.fixture
def broken_plugin(temporary_plugin: Callable[..., str]) -> Callable[[str], str]:
    """`broken_plugin(fault)` installs `recframe-broken` 0.1.0, broken by one of FAULTS; returns its name."""
    return lambda fault: temporary_plugin(FAULTS[fault], "broken")


@pytest.fixture
def recframe_plugins() -> Iterator[Callable[..., Registries]]:
    """`recframe_plugins(mine)` lets recframe use plugins in this process until the test ends; returns the registries.

    It takes modules or objects with hooks, and single contributions.
    """
    with ExitStack() as stack:
        yield lambda *plugins: stack.enter_context(manager.using(plugins))


def _forget() -> None:
    """Let plugins be found and loaded anew."""
    importlib.invalidate_caches()
    manager._cached.cache_clear()
