"""`export.private`: nothing in the bundle tells of a person or of a machine."""

from __future__ import annotations

import getpass
import json
import random
from pathlib import Path
from typing import Any

import pytest

import recframe
from recframe.export.bundle_files.private_spec import LEFT_OUT, without_places
from recframe.runtime.check import check_bundle

STEPS, USERS, ITEMS, EVENTS = 6, 30, 40, 9


def _data(folder: Path) -> dict[str, list[str]]:
    """Interactions, items and users in files, and each user's items, oldest first."""
    rng = random.Random(1)
    histories = {f"user{user}": [f"sku-{item}" for item in rng.sample(range(ITEMS), EVENTS)] for user in range(USERS)}
    lines = [
        f"{user},{item},{1_600_000_000 + 4_000 * step},{rng.randint(1, 5)}"
        for user, items in histories.items()
        for step, item in enumerate(items)
    ]
    (folder / "events.csv").write_text("user,item,timestamp,stars\n" + "\n".join(lines) + "\n")
    (folder / "items.csv").write_text(
        "item,title,year,genres\n"
        + "".join(f"sku-{item},Title {item},{1980 + item},Drama|Noir\n" for item in range(ITEMS))
    )
    (folder / "users.csv").write_text("user,age\n" + "".join(f"user{user},{20 + user}\n" for user in range(USERS)))
    return histories


def _export(folder: Path, private: bool, android: bool = False) -> tuple[Path, dict[str, list[str]]]:
    """A bundle of every exporter but the app's, which reads items alone, or of that one."""
    folder.mkdir()
    histories = _data(folder)
    known = set(recframe.load_plugins().exporters.names())
    exporters = ["tflite", "android"] if android else sorted(known - {"android"})
    features = ["item.type=string"]
    if not android:
        features += ["stars.type=float", "stars.scale=standard", "year.type=buckets", "hour.type=int"]
    person = ["+groups.person.scope=user", "+groups.person.features.age.type=float", "+groups.person.encoder.type=bow"]
    overrides = [
        "dataset=tabular",
        f"dataset.path={folder}/events.csv",
        f"dataset.items={folder}/items.csv",
        f"dataset.users={folder}/users.csv",
        f"model.history_length={STEPS}",
        "model.width=8",
        "train.epochs=0",
        f"exporters=[{','.join(exporters)}]",
        f"export.private={str(private).lower()}",
        *(f"groups.history.features.{one}" for one in features),
        *(() if android else person),
    ]
    return recframe.train(recframe.compose(overrides)).export(folder / "export"), histories


def _told(bundle: Path, histories: dict[str, list[str]], labels: list[str]) -> list[str]:
    """What a reader learns: users of whom a stretch of a history stands in a text, in raw or label ids; and places."""
    id_of = {raw: label for label, raw in enumerate(labels)}
    places_told = []
    for path in sorted(file for file in bundle.rglob("*") if file.is_file()):
        content = path.read_bytes()
        text = "".join(content.decode("latin-1").split())  # without the blanks and breaks of JSON
        for user, items in histories.items():
            for first in range(len(items) - 4):
                raw = ",".join(f'"{item}"' for item in items[first : first + 5])
                ids = ",".join(str(id_of[item]) for item in items[first : first + 5])
                if raw in text or f"[{ids}" in text or f",{ids}," in text:
                    places_told.append(f"{path.name}: a history of {user}")
        places = (str(bundle.parent), str(Path.cwd()), str(Path.home()) + "/", "events.csv", f"/{getpass.getuser()}/")
        places_told += [f"{path.name}: {place}" for place in places if place.encode() in content]
    return places_told


@pytest.mark.slow
def test_a_private_bundle_tells_of_nobody_and_an_open_one_does(tmp_path: Path) -> None:
    shut, histories = _export(tmp_path / "shut", private=True)
    labels = (shut / "vocab" / "label.txt").read_text().split("\n")[:-1]
    assert _told(shut, histories, labels) == []
    assert [replay.problem for replay in check_bundle(shut)] == [""]
    manifest = json.loads((shut / "manifest.json").read_text())
    assert manifest["spec"]["dataset"] == {"type": "tabular"}
    golden = json.loads((shut / "golden.json").read_text())
    questions = [question for entry in golden for question in entry["questions"]]
    assert len(questions) == 16
    assert {len(question["history"]) for question in questions} >= {0, 1, STEPS}
    assert all(set(question["given"]) == {"stars", "age"} for question in questions)
    app, histories = _export(tmp_path / "app", private=True, android=True)
    assert _told(app, histories, labels=(app / "vocab" / "label.txt").read_text().split("\n")[:-1]) == []
    # The same check finds what an open bundle tells, so that it can fail.
    opened, histories = _export(tmp_path / "open", private=False)
    leaks = _told(opened, histories, labels=(opened / "vocab" / "label.txt").read_text().split("\n")[:-1])
    assert any(line.startswith("golden.json: a history of user") for line in leaks)
    if (opened / "web").exists():
        assert any(line.startswith("data.json: a history of user") for line in leaks)
    assert any(line.startswith("manifest.json: ") for line in leaks)


def test_the_spec_loses_its_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_text("a\n")
    spec: dict[str, Any] = {
        "dataset": {"type": "tabular", "path": "events.csv", "where": ["country=DE"]},
        "train": {"warm_start": "~/runs", "optimizer": "adamw"},
        "groups": {"history": {"features": {"item": {"type": "string", "vocab_name": "words.txt"}}}},
        "exporters": [{"type": "web", "title": "C:\\mine"}, {"type": "tflite"}],
        "seed": 1,
    }
    kept = without_places(spec)
    assert kept["dataset"] == {"type": "tabular"}
    assert kept["train"] == {"warm_start": LEFT_OUT, "optimizer": "adamw"}
    assert kept["groups"]["history"]["features"]["item"] == {"type": "string", "vocab_name": LEFT_OUT}
    assert kept["exporters"] == [{"type": "web", "title": LEFT_OUT}, {"type": "tflite"}]
    assert kept["seed"] == 1
    assert spec["dataset"]["path"] == "events.csv"
