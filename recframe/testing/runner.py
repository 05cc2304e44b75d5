"""`recframe check DISTRIBUTION`: the contract suites over what a plugin contributes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pytest

from recframe.errors import RecframeError
from recframe.plugin.manager import PluginInfo, plugin_infos
from recframe.plugin.provider import normalised
from recframe.plugin.registry import KINDS
from recframe.testing.report import Report

# The classes are made inside pytest's own process, where their contributions are loaded already.
MODULE = """\
from recframe import load_plugins
from recframe.testing.suites import make_suites

globals().update(make_suites(load_plugins().of(kind)[name] for kind, name in {names!r}))
"""


def check(distribution: str) -> int:
    """Run the suites, print the result of each contribution, and return 0 if no test failed, else 1.

    Raises:
        RecframeError: for a distribution that is not installed, failed to load, or contributes nothing.
    """
    infos = _infos(distribution)
    names = [(kind, name) for kind in KINDS for info in infos for name in info.contributions.get(kind, ())]
    if not names:
        disabled = " while RECFRAME_PLUGINS leaves it out" if infos[0].status == "disabled" else ""
        raise RecframeError(f"{distribution} contributes nothing{disabled}, so there is nothing to check")
    print(f"{infos[0].distribution} {infos[0].version}", flush=True)
    report = Report(max(len(f"{kind}/{name}") for kind, name in names))
    status = _run(MODULE.format(names=names), report)
    if report.stopped:
        raise KeyboardInterrupt  # pytest took it for the end of its run
    report.print_failures()
    print(f"\n{report.summary()}")
    return int(status != 0)


def _infos(distribution: str) -> Sequence[PluginInfo]:
    """The plugins of a distribution, or the one of that name."""
    known, wanted = plugin_infos(), normalised(distribution)
    infos = [info for info in known if wanted in (normalised(info.distribution), normalised(info.name))]
    if not infos:
        installed = ", ".join(sorted({info.distribution for info in known}))
        raise RecframeError(f"no plugin distribution {distribution!r} is installed; there are: {installed}")
    if failed := [info for info in infos if info.status == "failed"]:
        raise RecframeError(f"{failed[0].name} failed to load: {failed[0].error}")
    return infos


def _run(source: str, report: Report) -> int:
    """Run a test module with pytest, on its own: no other plugin, no settings of the folder that the user is in."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}):
        os.environ.pop("PYTEST_ADDOPTS", None)  # put back with the rest
        (Path(folder) / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        path = Path(folder) / "test_contracts.py"
        path.write_text(source, encoding="utf-8")
        arguments = ["-p", "no:cacheprovider", "--import-mode=importlib", "--tb=short", str(path)]
        try:
            return int(pytest.main(arguments, plugins=[report]))
        finally:
            # pytest would take the module of this name for that of the next check.
            sys.modules.pop(path.stem, None)
