"""A function that recframe could not call is refused when the plugin loads, not when it is first called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

import recframe
from recframe.plugin import manager
from recframe.plugin.function_arguments import ARGUMENTS, require_arguments
from recframe.plugin.hook_results import HOOKS
from tests.plugin.contributions import Good


def exporter(export: Any) -> recframe.ExporterType:
    return recframe.ExporterType("mine", summary="Mine.", export=export)


def test_every_function_of_every_kind_is_checked() -> None:
    functions = {
        kind.kind: {field.name for field in attrs.fields(kind) if field.metadata.get("function")}
        for kind in HOOKS.values()
    }
    assert {kind: set(names) for kind, names in ARGUMENTS.items()} == functions


def test_the_builtins_pass() -> None:
    registries = manager.load(allowed="").registries
    for kind in ARGUMENTS:
        for contribution in registries.of(kind).values():
            require_arguments(contribution)


def test_an_exporter_without_a_context_is_refused_and_harms_no_other() -> None:
    class Plugin:
        @recframe.hookimpl
        def recframe_exporters(self) -> Iterator[recframe.ExporterType]:
            yield exporter(lambda options: [])

    loaded = manager.load([("broken", Plugin()), ("good", Good())], allowed="")
    broken, good = loaded.infos[-2:]
    assert (broken.status, good.status) == ("failed", "ok")
    words = "ExporterType 'mine': export takes (options); it is called as export(options, context)"
    assert words in (broken.error or "")
    assert "test_function_arguments.py:" in (broken.error or "")


@pytest.mark.parametrize(
    "export",
    [lambda options, context: [], lambda *arguments: [], lambda options, context, more=1: [], dict],
    ids=["exact", "any", "with a default", "a class"],
)
def test_other_functions_are_taken(export: Any) -> None:
    require_arguments(exporter(export))
