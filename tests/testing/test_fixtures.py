"""The fixtures for authors' tests: a temporary plugin, a broken one, and nothing left afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

import recframe
from recframe.plugin.manager import plugin_infos
from recframe.plugin.registry import Registries
from recframe.testing.fixtures import FAULTS, broken_plugin, builtin_registries, temporary_plugin

__all__ = ["broken_plugin", "builtin_registries", "temporary_plugin"]

SOURCE = """
import recframe

@recframe.hookimpl
def recframe_losses():
    yield recframe.LossType("passing", summary="For a while.", build=lambda options, context: None)
"""


def test_a_temporary_plugin_is_there_for_a_test(temporary_plugin: Callable[..., str]) -> None:
    assert temporary_plugin(SOURCE, "passing_by") == "recframe-passing-by"
    assert recframe.load_plugins().losses.source("passing") == "recframe-passing-by 0.1.0"
    assert recframe.compose(["loss=passing"]).loss.type == "passing"
    code = "import recframe; print('passing' in recframe.load_plugins().losses)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_and_gone_after_it() -> None:
    assert "passing" not in recframe.load_plugins().losses
    assert "recframe_passing_by" not in sys.modules


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_reported_and_harms_no_other(fault: str, broken_plugin: Callable[[str], str]) -> None:
    name = broken_plugin(fault)
    statuses = {info.distribution: info.status for info in plugin_infos()}
    assert statuses[name] == "failed", fault
    assert "softmax" in recframe.load_plugins().losses


def test_the_built_in_registries_hold_nothing_else(builtin_registries: Registries) -> None:
    assert "cnn" in builtin_registries.encoders
    assert "gru" not in builtin_registries.encoders
