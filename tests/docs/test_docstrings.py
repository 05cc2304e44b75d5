from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import recframe
from recframe.plugin import hooks
from recframe.plugin.hook_results import HOOKS

PACKAGE = Path(recframe.__file__).parent
MODULES = [
    ".".join(("recframe", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_says_when_it_is_called_and_what_it_yields_with_an_example(name: str) -> None:
    docstring = getattr(hooks, name).__doc__
    assert "Called once" in docstring
    assert "Yields" in docstring
    assert f"def {name}()" in docstring
    assert doctest.DocTestParser().get_examples(docstring)
