"""`recframe check DISTRIBUTION`, as a user runs it and for distributions that cannot be checked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import recframe
from recframe.errors import RecframeError
from recframe.plugin import manager
from recframe.testing.runner import check

PLUGIN = """
from attrs import frozen
import recframe
from recframe.plugin.types import DatasetType, LossType

@frozen
class FileOptions:
    path: str = recframe.option(help="The file.")

def load(options, context):
    raise recframe.DataError(f"{options.path}: no such file")

def build(options, context):
    import tensorflow as tf
    def loss(vectors, table, labels, weights):
        scores = tf.matmul(vectors, table, transpose_b=True)
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
        return SIGN * tf.reduce_sum(weights * costs) / tf.maximum(tf.reduce_sum(weights), 1.0)
    return loss

@recframe.hookimpl
def recframe_losses():
    yield LossType("plain", summary="Cross-entropy.", build=build)

@recframe.hookimpl
def recframe_datasets():
    yield DatasetType("file", summary="Of a file.", options=FileOptions, load=load)
"""


def distribution(site: Path, name: str, source: str) -> None:
    """Install a distribution of one module, as pip would leave it."""
    module = name.replace("-", "_")
    info = site / f"{module}-1.5.dist-info"
    info.mkdir(parents=True)
    (site / f"{module}.py").write_text(source)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(f"[recframe]\n{name} = {module}\n")


def run_check(name: str, site: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("RECFRAME_", "TF_CPP_"))}
    env |= {"PYTHONPATH": str(site), "PYTEST_ADDOPTS": "--no-such-flag"}
    command = [sys.executable, "-m", "recframe", "check", name]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, check=False)


@pytest.mark.parametrize(("sign", "code"), [("1", 0), ("-1", 1)], ids=["good", "broken"])
def test_a_distribution_is_checked_from_the_command_line(tmp_path: Path, sign: str, code: int) -> None:
    site, folder = tmp_path / "site", tmp_path / "project"
    distribution(site, "recframe-sample", PLUGIN.replace("SIGN", sign))
    # The settings of the project that the user stands in are none of the suites'.
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-flag-either\n")
    (folder / "conftest.py").write_text("raise RuntimeError('not for the suites')\n")
    done = run_check("recframe-sample", site, folder)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.startswith("recframe-sample 1.5\n")
    assert re.search(r"^  dataset/file +partly +\d passed, \d skipped$", done.stdout, re.MULTILINE)
    assert "set options = FileOptions(...) in a test of your own: no default for path" in done.stdout
    assert "WARNING" not in done.stderr
    if code == 0:
        assert re.search(r"^  loss/plain +passed +4 passed$", done.stdout, re.MULTILINE)
        assert done.stdout.endswith("\n2 contributions: 1 partly, 1 passed\n")
    else:
        assert re.search(r"^  loss/plain +failed +1 failed, 3 passed$", done.stdout, re.MULTILINE)
        assert "loss/plain breaks: a vector that points at its label costs less\n" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["conftest.py", "pytest.ini"]


class Empty:
    """A plugin without contributions."""


class Broken:
    @recframe.hookimpl
    def recframe_losses(self) -> Any:
        raise RuntimeError("no licence found")


@pytest.mark.parametrize(
    ("name", "load", "allowed", "words"),
    [
        (
            "recframe-nowhere",
            Empty,
            None,
            r"no plugin distribution 'recframe-nowhere' is installed; there are: recframe, r",
        ),
        ("recframe-sample", Empty, None, "recframe-sample contributes nothing, so"),
        ("recframe-sample", Empty, "", "recframe-sample contributes nothing while RECFRAME_PLUGINS leaves it out"),
        ("recframe-sample", Broken, None, "point failed to load: RuntimeError: no licence found"),
    ],
    ids=["absent", "empty", "disabled", "failed"],
)
def test_what_cannot_be_checked_says_why(
    monkeypatch: pytest.MonkeyPatch, name: str, load: Any, allowed: str | None, words: str
) -> None:
    point = SimpleNamespace(
        name="point", value="point", dist=SimpleNamespace(name="recframe-sample", version="1.5"), load=load
    )
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point])
    monkeypatch.delenv("RECFRAME_PLUGINS", raising=False)
    if allowed is not None:
        monkeypatch.setenv("RECFRAME_PLUGINS", allowed)
    manager._cached.cache_clear()
    try:
        with pytest.raises(RecframeError, match=words):
            check(name)
    finally:
        manager._cached.cache_clear()
