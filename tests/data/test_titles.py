"""A title is what people are shown, one text an item."""

from __future__ import annotations

from pathlib import Path

import pytest

from recframe.commands import main


def _files(folder: Path) -> list[str]:
    rows = [f"u{user},i{(user + step) % 7},{step}" for user in range(9) for step in range(5)]
    (folder / "events.csv").write_text("user,item,timestamp\n" + "\n".join(rows) + "\n")
    (folder / "items.csv").write_text("item,title,name\n" + "".join(f"i{n},a|b{n},Name {n}\n" for n in range(7)))
    return ["dataset=tabular", f"dataset.path={folder}/events.csv", f"dataset.items={folder}/items.csv"]


def test_lists_as_titles_are_refused_before_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = [*_files(tmp_path), "groups.history.features.item.type=string", f"hydra.run.dir={tmp_path}/run"]
    assert main([*data, "dataset.lists=[title]"]) == 2
    text = capsys.readouterr().err
    assert "the item column `title` holds lists" in text
    assert "dataset.columns.title" in text
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.mark.slow
def test_lists_beside_the_column_that_people_are_shown(tmp_path: Path) -> None:
    from recframe.runtime import Bundle

    data = [*_files(tmp_path), "groups.history.features.item.type=string", f"hydra.run.dir={tmp_path}/run"]
    small = ["train.epochs=0", "model.width=4", "dataset.lists=[title]", "dataset.columns.title=name"]
    assert main([*data, *small]) == 0
    assert Bundle(tmp_path / "run").recommend(["Name 3"], k=1)[0].title.startswith("Name ")  # type: ignore[union-attr]
