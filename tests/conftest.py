"""The order of the tests, what they share to be quick, and the command line without a process of its own."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from recframe import commands as cli

# TensorFlow reads it when it is first imported, which a test's module may do before any command of recframe's.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# With a worker for each core, threads of their own would only wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
# The processes that tests start leave the user's cache alone.
os.environ.setdefault("RECFRAME_COMPILED_CACHE", "0")

#: The longest files are started first, so that no process is left alone with one at the end.
FIRST = ("test_examples.py", "test_resume.py", "test_plugin_wheels.py", "test_quality.py", "test_stopping.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(FIRST)))  # a stable sort: the rest keeps its order


@pytest.fixture(scope="module", autouse=True)
def _what_stays_is_not_garbage() -> None:
    """An export collects garbage, for which Python looks at all objects: at those of TensorFlow's modules too."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def recframe(capfd: pytest.CaptureFixture[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`recframe ARGUMENTS` in a folder and in this process, where TensorFlow is loaded once for all tests.

    Gives what a process of its own gives: the exit code, and all that is printed, by C++ too.
    """

    def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        # Loading TensorFlow changes the environment.
        with contextlib.chdir(folder), mock.patch.dict(os.environ):
            os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)
            code = cli.main(arguments)
        return subprocess.CompletedProcess(arguments, code, *capfd.readouterr())

    return run
