"""The commands that a run prints work in a shell, even for awkward folder names and item ids."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recframe.errors.shell import override
from recframe.runtime import Bundle

pytestmark = pytest.mark.slow

IDS = ["-abc", "--x", "--k", "a,b", "c d", "e'f", "[i]", "-1", "né", "--history=3", "$HOME", "*"]
VERSIONS = ["1.1", "1.10", "2", "2.0", "007", "1e3", "true", " 1"]
FOLDER = "it's [x] a=b é"
SMALL = ["dataset=tabular", "train.epochs=1", "model.width=4", "model.num_predictions=3", "export.variants=[float32]"]
SMALL += ["evaluation.top_k=[3]", "groups.history.features.item.type=string"]
FEATURES = ["version", "code", "title", "item_title"]


def bash(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a run, and its output. The ids that recframe prints look like options."""
    folder = tmp_path_factory.mktemp("pasting") / FOLDER
    folder.mkdir()
    rows = []
    for user in range(30):
        items = [0, 1, 2, *(3 + (user + step) % (len(IDS) - 3) for step in range(4))]
        for time, item in enumerate(items):
            version = VERSIONS[(user + time) % len(VERSIONS)]
            rows.append(f"u{user};{IDS[item]};{1_700_000_000 + time};{version};lead {item % 3}\n")
    (folder / "my events.csv").write_text("user;item id;timestamp;version;title\n" + "".join(rows), encoding="utf-8")
    table = [f"{item}\tTwin\t{VERSIONS[at % len(VERSIONS)]}\n" for at, item in enumerate(IDS)]
    (folder / "items=.tsv").write_text("item id\ttitle\tcode\n" + "".join(table), encoding="utf-8")
    features = [
        f"groups.history.features.{name}.{key}" for name in FEATURES for key in ("type=string", f"source={name}")
    ]
    words = [*SMALL, *features, override("dataset.path", "my events.csv")]
    words += [override("dataset.columns.item", "item id"), override("dataset.items", "items=.tsv")]
    line = " ".join(["recframe", *(word if "'" in word else f"'{word}'" for word in words)])
    # The table of the items is separated otherwise: made alike.
    (folder / "items=.tsv").write_text((folder / "items=.tsv").read_text().replace("\t", ";"), encoding="utf-8")
    line += " dataset.format=csv dataset.separator=,"
    result = bash(line, folder)
    assert result.returncode == 2
    proposed = re.search("; set (.*)", result.stderr)
    assert proposed, result.stderr
    done = bash(f"{line} {proposed[1]}", folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout + done.stderr


def test_the_printed_command_works(trained: tuple[Path, str]) -> None:
    folder, printed = trained
    (line,) = [text.removeprefix("try").strip() for text in printed.splitlines() if text.startswith("try ")]
    assert "--history=--" in line
    done = bash(line, folder)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5


def test_folders_are_printed_unchanged(trained: tuple[Path, str]) -> None:
    folder, printed = trained
    report = next(line for line in printed.splitlines() if line.startswith("report")).removeprefix("report").strip()
    assert (folder / report).is_file()
    evaluated = bash(f"recframe evaluate {report.removesuffix('/report.html')}", folder)
    assert evaluated.returncode == 0, evaluated.stderr


def test_recommend_accepts_any_id(trained: tuple[Path, str]) -> None:
    folder, _ = trained
    (bundle,) = folder.glob("runs/*/export")
    process = [sys.executable, "-m", "recframe", "recommend", str(bundle), "--history"]

    def asked(*words: str) -> list[str]:
        done = subprocess.run([*process, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    plain = [text for text in IDS if text not in ("--k", "--history=3")]
    assert asked(*plain[:4])[2:] == [line for line in asked(*plain[:4], "--k", "3")[2:]]
    assert asked()[0] == asked("--exclude", "-abc")[0] == "after an empty history"
    opened = Bundle(bundle)
    for text in IDS:
        assert text in opened
        assert len(asked(f"--history={text}") if text.startswith("--") else asked(text)) == 5
    left = asked("--allow", "-1", "--x", "--exclude", "-1")
    assert [line.split()[1] for line in left[2:]] == ["--x"]
    unknown = subprocess.run([*process, "-unknown"], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
    assert "item '-unknown' is not in" in unknown.stderr


def test_the_bundle_knows_the_texts_of_the_files(trained: tuple[Path, str]) -> None:
    folder, printed = trained
    (bundle,) = folder.glob("runs/*/export")
    opened = Bundle(bundle)
    assert sorted(opened.vocabularies["version"]) == sorted(["", *VERSIONS])
    assert sorted(opened.vocabularies["code"]) == sorted(["", *VERSIONS])
    for name, texts in (("version", VERSIONS), ("code", VERSIONS), ("title", ["lead 0", "lead 1", "lead 2"])):
        ids = [_id(opened, name, text) for text in texts]
        assert 0 not in ids, name
        assert len(set(ids)) == len(texts), name
        assert opened.recommend(["-abc"], given={name: texts[:1]})
    # What the item table says is known of an item; what only an event has is not, though a title is shown.
    row = opened.inputs([opened.label_of("-abc")])
    assert row["code"][0, 0] == _id(opened, "code", "1.1")
    assert row["item_title"][0, 0] == _id(opened, "item_title", "Twin") != 0
    assert row["title"][0, 0] == row["version"][0, 0] == 0
    assert opened.unknown_inputs == ["version", "title"]
    assert opened.recommend(["-abc"])[0].title == "Twin"
    assert "1 title belongs to several items, such as 'Twin'" in printed
    assert "column 'title' of the item table is renamed to 'item_title'" in printed
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert {spec["name"]: spec["of_event"] for spec in manifest["inputs"] if spec["role"] == "feature"} == {
        **{"item": False, "version": True, "code": False, "title": True, "item_title": False}
    }


def _id(opened: Bundle, name: str, value: Any) -> int:
    return int(np.asarray(opened.inputs([opened.label_of("-abc")], {name: [value]})[name])[0, 0])
