"""The rows that `recframe describe` and the reference show of an options class."""

# ruff: noqa: RUF009 (attrs.field is called by option, as it is meant)

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest
from attrs import frozen

from recframe import commands as cli
from recframe.builtin.datasets.tabular.options import ColumnOptions
from recframe.spec.describe import OptionRow, option_rows
from recframe.spec.option import option


@frozen
class Leaf:
    """Options of an option of an option."""

    size: int = option(3, ge=1, help="How many.")
    shape: str = option(help="Which shape.")


@frozen
class Branch:
    """Options of an option."""

    leaf: Leaf = option(Leaf(shape="round", size=5), help="The leaf.")
    inner: Branch | None = option(None, help="A branch within.")


@frozen
class Tree:
    """Options with options."""

    height: float = option(help="How high.")
    branch: Branch = option(help="The branch.")
    other: Leaf | None = option(None, help="A leaf, or none.")
    plain: dict[str, int] = option(attrs.Factory(dict), help="Any keys.")


def _rows() -> dict[str, OptionRow]:
    return {row.name: row for row in option_rows(Tree)}


def test_options_of_options_have_dotted_names_in_order() -> None:
    assert list(_rows()) == [
        *("height", "branch", "branch.leaf", "branch.leaf.size", "branch.leaf.shape", "branch.inner"),
        *("other", "other.size", "other.shape", "plain"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("height", ("number", "must be given", "", "How high.")),
        ("branch", ("mapping", "must be given", "", "The branch.")),
        ("branch.leaf", ("mapping", "", "", "The leaf.")),
        ("branch.leaf.size", ("integer", "5", "at least 1", "How many.")),
        ("branch.leaf.shape", ("text", '"round"', "", "Which shape.")),
        ("branch.inner", ("Branch or null", "null", "", "A branch within.")),
        ("other", ("mapping or null", "null", "", "A leaf, or none.")),
        ("other.size", ("integer", "3", "at least 1", "How many.")),
        ("other.shape", ("text", "must be given", "", "Which shape.")),
        ("plain", ("mapping", "{}", "", "Any keys.")),
    ],
)
def test_a_row_has_type_default_values_and_meaning(name: str, cells: tuple[str, ...]) -> None:
    assert _rows()[name].cells("tree.") == (f"tree.{name}", *cells)


def test_an_option_with_the_default_none_is_not_required() -> None:
    rows = _rows()
    assert (rows["height"].default, rows["height"].required) == (None, True)
    assert (rows["other"].default, rows["other"].required) == (None, False)


def test_describe_and_the_reference_list_the_columns_of_tabular(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert cli.main(["describe", "dataset/tabular", "--json"]) == 0
    described = {row["name"]: row for row in json.loads(capsys.readouterr().out)["options"]}
    assert cli.main(["describe", "dataset/tabular"]) == 0
    shown = capsys.readouterr().out
    for field in attrs.fields(ColumnOptions):
        column = described[f"columns.{field.name}"]
        assert (column["default"], column["help"]) == (field.default, field.metadata["help"])
        assert f"\ncolumns.{field.name} " in shown
        assert f"| `dataset.columns.{field.name}` |" in page
