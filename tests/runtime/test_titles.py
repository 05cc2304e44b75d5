"""Titles that several items have, and titles that are ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recframe.runtime import Bundle, BundleError
from recframe.runtime.cli import recommend
from tests.runtime.bundles import export, rewrite


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """A bundle in which the items of some label ids have other titles."""

    def make(titles: dict[str, str]) -> Path:
        folder = export(tmp_path / "bundle", "export.variants=[float32]")

        def rename(items: dict[str, Any]) -> None:
            for label, title in titles.items():
                items[label]["title"] = title

        rewrite(folder, "items.json", rename)
        return folder

    return make


def test_a_title_of_several_items_is_asked_for_by_id(bundle: Any) -> None:
    folder = bundle({"3": "Twin", "9": "Twin", "4": "Alone"})
    opened = Bundle(folder)
    ids = opened.labels[3], opened.labels[9]
    assert "Twin" not in opened
    assert "Alone" in opened
    assert opened.label_of("Alone") == 4
    with pytest.raises(BundleError, match=rf"'Twin' is the title of 2 items: ask by id, one of '{ids[0]}', '{ids[1]}'"):
        opened.recommend(["Twin"])
    with pytest.raises(BundleError, match="ask by id"):
        opened.recommend([ids[0]], exclude=["Twin"])
    with pytest.raises(BundleError, match="ask by id"):
        recommend(folder, ["Twin"], 3)
    assert opened.label_of(ids[1]) == 9


def test_a_title_that_is_another_items_id(bundle: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plain = Bundle(export_path := bundle({}))
    id_of_3 = plain.labels[3]
    folder = bundle({"9": id_of_3})
    assert folder == export_path
    assert Bundle(folder).label_of(id_of_3) == 3
    recommend(folder, [id_of_3, id_of_3], 3)
    assert capsys.readouterr().err.count(f"'{id_of_3}' is an item's id and another item's title: taken as the id") == 1
    recommend(folder, [plain.labels[4]], 3)
    assert "taken as the id" not in capsys.readouterr().err


def test_ids_and_values_of_other_types_have_one_text(bundle: Any) -> None:
    opened = Bundle(bundle({}))
    number = float(opened.labels[3])
    assert number in opened
    assert opened.label_of(number) == opened.label_of(int(number)) == 3
