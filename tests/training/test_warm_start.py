"""A catalogue that grows: the earlier run's ids and weights are kept, and new items begin near those like them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe import Run, commands as cli, train
from recframe.data.prepare import prepare
from recframe.errors import SpecError
from recframe.interactions.interactions import Interactions
from recframe.runs import folder as run_folder
from recframe.runs.listener import Listener
from recframe.training.neighbours import most_similar, value_sets

KINDS = ["tea", "mug", "pot", "book"]
OLD, NEW = range(1, 31), range(31, 37)
FEATURES = [
    "groups.history.features.item.type=string",
    "groups.history.features.kind={type: strings, source: kinds}",
    "groups.history.features.price={type: float, source: price, scale: standard}",
]
SMALL = [
    "model.width=8",
    "model.history_length=10",
    "train.tensorboard=false",
    "evaluation.baselines=[]",
    "exporters=[]",
]


class Heard(Listener):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def _kinds(item: int) -> list[str]:
    """The last of the new items is of a kind that no old one has, and the one before has none."""
    special = {35: [], 36: ["lamp"]}
    return special.get(item, [KINDS[item % 4], *([KINDS[item // 4 % 4]] if item % 3 else [])])


def _write(folder: Path, name: str, items: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item", "timestamp"])
        for user in range(60):
            for time, item in enumerate(rng.permutation(items)[:8]):
                rows.writerow([f"u{user}", f"i{item}", time])
        rows.writerows([f"all{item}", f"i{item}", 0] for item in items)
    with (folder / f"{name}_items.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "kinds", "price"])
        rows.writerows([f"i{item}", "|".join(dict.fromkeys(_kinds(item))), item / 3] for item in items)


def _arguments(folder: Path, name: str, *more: str) -> list[str]:
    files = [f"dataset.path={folder / name}.csv", f"dataset.items={folder / name}_items.csv"]
    return ["dataset=tabular", *files, "dataset.lists=[kinds]", *SMALL, *FEATURES, *more]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("grows")
    _write(made, "old", [*OLD], 1)
    _write(made, "grown", [*OLD, *NEW], 2)
    # Item 1 is no longer there.
    _write(made, "moved", [*OLD[1:], *NEW], 3)
    return made


@pytest.fixture(scope="module")
def old(folder: Path) -> Run:
    return train(recframe.compose(_arguments(folder, "old", "train.epochs=2")), folder / "run")


@pytest.fixture(scope="module")
def grown(folder: Path, old: Run) -> tuple[Run, list[str]]:
    """The run that goes on with ids and weights, before any training."""
    heard, run = Heard(), folder / "run"
    more = ["train.epochs=0", f"dataset.vocabulary_from={run}", f"train.warm_start={run}"]
    return train(recframe.compose(_arguments(folder, "grown", *more)), folder / "grown", heard), heard.lines


def _neighbours(item: int, items: list[int]) -> list[int]:
    """The 20 most alike of some items, which stand in the order of their ids."""
    mine = set(_kinds(item))
    likeness = {
        other: len(mine & set(_kinds(other))) / (len(mine) * len(set(_kinds(other)))) ** 0.5
        for other in items
        if mine & set(_kinds(other))
    }
    return sorted(likeness, key=lambda other: (-likeness[other], items.index(other)))[:20]


def _expected(old: Run, item: int, present: list[int]) -> np.ndarray:
    """The first row of a new item, by the old run's table."""
    labels, table = old.data.label_vocabulary, old.model.table.numpy()
    items = [other for other in (int(text[1:]) for text in labels[1:]) if other in present]
    chosen = _neighbours(item, items) or items
    return table[[labels.index(f"i{other}") for other in chosen]].mean(axis=0)


def test_old_ids_and_rows_are_kept_to_the_bit(old: Run, grown: tuple[Run, list[str]]) -> None:
    run, heard = grown
    count = old.data.num_labels
    assert run.data.label_vocabulary[:count] == old.data.label_vocabulary
    assert set(run.data.label_vocabulary[count:]) == {f"i{item}" for item in NEW}
    np.testing.assert_array_equal(run.model.table.numpy()[:count], old.model.table.numpy())
    kinds, before = (one.data.features["kind"].vocabulary or () for one in (run, old))
    assert kinds == (*before, "lamp")
    tables = [one.model.feature_layers["kind"].weights[0].numpy() for one in (run, old)]
    np.testing.assert_array_equal(tables[0][: len(before)], tables[1])
    np.testing.assert_allclose(tables[0][-1], tables[1][1:].mean(axis=0), rtol=1e-6, atol=1e-8)
    for one, other in zip(run.model.projection.weights, old.model.projection.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert run.data.features["price"].statistics == old.data.features["price"].statistics
    text = "\n".join(heard)
    assert "item ids: 30 kept, 6 appended" in text
    assert "items: 30 rows kept, 4 new by their neighbours, 2 new by the mean of all" in text
    assert "feature 'kind': 4 rows kept, 0 new by their neighbours, 1 new by the mean of all" in text
    assert "anew" not in text


@pytest.mark.parametrize("item", NEW)
def test_a_new_item_begins_at_the_mean_of_its_neighbours_or_of_all(
    item: int, old: Run, grown: tuple[Run, list[str]]
) -> None:
    run, _ = grown
    row = run.model.table.numpy()[run.data.label_vocabulary.index(f"i{item}")]
    np.testing.assert_allclose(row, _expected(old, item, [*OLD]), rtol=1e-5, atol=1e-8)


def test_old_histories_get_the_old_answers_among_the_old_items(old: Run, grown: tuple[Run, list[str]]) -> None:
    # So long that popularity, which each run counts and weighs anew, has no say.
    history = [f"i{item}" for item in OLD[:10]]
    before = old.recommend(history, k=20)
    after = [pair for pair in grown[0].recommend(history, k=40) if int(pair[0][1:]) in OLD]
    assert [item for item, _ in before] == [item for item, _ in after]
    np.testing.assert_allclose([s for _, s in before], [s for _, s in after], rtol=1e-5, atol=1e-7)


def test_rows_are_found_by_text_where_ids_are_counted_anew(folder: Path, old: Run) -> None:
    """Without dataset.vocabulary_from, with an item that is gone and an encoder that is another."""
    heard = Heard()
    more = ["train.epochs=0", f"train.warm_start={folder / 'run'}", "encoder=bow", "model.tie_embeddings=false"]
    run = train(recframe.compose(_arguments(folder, "moved", *more)), listener=heard)
    labels, before = run.data.label_vocabulary, old.data.label_vocabulary
    assert "i1" not in labels
    for name, table in (("labels", run.model.table), ("items", run.model.feature_layers["item"].weights[0])):
        rows = table.numpy()
        for item in OLD[1:]:
            expected = old.model.table.numpy()[before.index(f"i{item}")]
            np.testing.assert_array_equal(rows[labels.index(f"i{item}")], expected, err_msg=name)
        for item in [*NEW][:4]:
            expected = _expected(old, item, [*OLD[1:]])
            np.testing.assert_allclose(rows[labels.index(f"i{item}")], expected, rtol=1e-5, atol=1e-8)
    assert any("encoder of group 'history' starts from scratch" in line for line in heard.lines)
    # The mean's vector has another length.
    assert any("projection starts from scratch" in line for line in heard.lines)


def test_it_trains_on_and_the_folder_is_enough_where_the_earlier_run_is_gone(folder: Path, old: Run) -> None:
    away = folder / "away"
    shutil.copytree(folder / "run", away)
    more = ["train.epochs=1", f"dataset.vocabulary_from={away}", f"train.warm_start={away}", "exporters=[tflite]"]
    made = train(recframe.compose(_arguments(folder, "moved", *more)), folder / "trained")
    shutil.rmtree(away)
    gone = made.data.label_vocabulary.index("i1")
    assert made.data.label_items[gone] == -1
    assert "i1" not in [item for item, _ in made.recommend(["i3"], k=50)]
    measured = made.metrics["test"]
    recframe.evaluate_run(folder / "trained")
    assert run_folder.read_metrics(folder / "trained")["test"] == measured
    recframe.export_run(folder / "trained")
    text = (folder / "trained" / "export" / "vocab" / "label.txt").read_text()
    assert text == (folder / "trained" / "vocab" / "label.txt").read_text()


def test_another_width_is_refused(folder: Path, old: Run) -> None:
    spec = recframe.compose(_arguments(folder, "grown", "model.width=4", f"train.warm_start={folder / 'run'}"))
    with pytest.raises(SpecError, match=r"train\.warm_start: .* has model\.width=8, but this run has 4"):
        train(spec)


@pytest.mark.parametrize("option", ["dataset.vocabulary_from", "train.warm_start"])
def test_what_is_no_run_is_told_by_the_command_line(
    option: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert cli.main([*_arguments(folder, "grown"), f"{option}=nowhere", "hydra.run.dir=wrong"]) == 2
    text = capsys.readouterr().err
    assert f"{option}: nowhere: not a run folder" in text
    assert "Traceback" not in text
    assert not (folder / "wrong").exists()


def test_the_command_line_goes_on_in_the_same_folder(
    folder: Path, old: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    shutil.copytree(folder / "run", folder / "same")
    more = [
        "dataset.vocabulary_from=same",
        "train.warm_start=same",
        "train.epochs=0",
        "hydra.run.dir=same",
        "overwrite=true",
    ]
    assert cli.main(_arguments(folder, "grown", *more)) == 0
    assert "warm start from same: items: 30 rows kept, 4 new by their neighbours" in capsys.readouterr().err
    lines = (folder / "same" / "vocab" / "label.txt").read_text().splitlines()
    assert tuple(lines[: old.data.num_labels]) == old.data.label_vocabulary
    assert len(lines) == 37


@given(st.lists(st.frozensets(st.integers(0, 6), max_size=4), min_size=2, max_size=60), st.integers(1, 59))
@settings(deadline=None, max_examples=60)
def test_neighbours_are_the_most_alike_and_of_equals_the_lower_id(sets: list[frozenset[int]], count: int) -> None:
    old, new = np.arange(min(count, len(sets) - 1)), np.arange(min(count, len(sets) - 1), len(sets))
    neighbours = list(most_similar([tuple(sorted(values)) for values in sets], old, new))
    for item, best in zip(new, neighbours, strict=True):
        shared = [other for other in old if sets[item] & sets[other]]
        likeness = {
            other: len(sets[item] & sets[other]) / np.sqrt(len(sets[item]) * len(sets[other])) for other in shared
        }
        assert best.tolist() == sorted(shared, key=lambda other: (-likeness[other], other))[:20]


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("item:{type:int}", [set(), {"genre a"}, {"genre b"}]),
        ("item:{type:int},y:{type:int,source:year}", [set(), {"year 1"}, {"year 2"}]),
        ("y:{type:buckets,source:year,buckets:2},g:{type:string,source:genre}", None),
        ("p:{type:float,source:year}", [set(), {"genre a"}, {"genre b"}]),
    ],
    ids=["none declared", "one declared", "in buckets", "numbers alone"],
)
def test_items_are_alike_by_declared_features_else_by_their_category(
    features: str, expected: list[set[str]] | None
) -> None:
    table = {"id": np.array([1, 2]), "genre": np.array(["a", "b"]), "year": np.array([1, 2])}
    data = Interactions.from_columns(np.array([1, 1, 1, 1]), np.array([0, 0, 0, 1]), np.arange(4), table)
    spec = recframe.compose(["~groups.history.features.item", f"groups={{history:{{features:{{{features}}}}}}}"])
    sets = value_sets(prepare(spec, recframe.load_plugins(), data), None)
    assert [len(values) for values in sets] == [len(wanted) for wanted in expected or [set(), {1, 2}, {1, 2}]]
    assert (set(sets[1]) & set(sets[2]) == set()) == (expected is not None)


def test_a_moment_keeps_its_weights_only_at_the_same_place(tmp_path: Path) -> None:
    """The projection reads the features of a moment side by side, so in another order they have other weights."""
    data = ["dataset.users=40", "dataset.items=30", "dataset.events_per_user=8", *SMALL]
    hour, day = "hour: {type: int}", "weekday: {type: int}"
    first, other = (f"groups.now={{scope: now, features: {{{one}, {two}}}}}" for one, two in ((hour, day), (day, hour)))
    old = train(recframe.compose([*data, first, "train.epochs=1"]), tmp_path / "old")
    more = ["train.epochs=0", f"dataset.vocabulary_from={tmp_path / 'old'}", f"train.warm_start={tmp_path / 'old'}"]
    for order, kept in ((first, True), (other, False)):
        heard = Heard()
        run = train(recframe.compose([*data, order, *more]), None, heard)
        same = np.array_equal(run.model.projection.kernel.numpy(), old.model.projection.kernel.numpy())
        told = any("the projection starts from scratch" in line for line in heard.lines)
        assert (same, told) == (kept, not kept)
        np.testing.assert_array_equal(
            run.model.feature_layers["hour"].weights[0].numpy(), old.model.feature_layers["hour"].weights[0].numpy()
        )
