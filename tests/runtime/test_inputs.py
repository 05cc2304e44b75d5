"""What a bundle feeds its model is what training fed it, for every kind of input and both signatures."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pytest

import recframe
from recframe import Run
from recframe.commands import main
from recframe.data.prepare import prepare
from recframe.data.sequences import histories, history_events
from recframe.data.splits import TEST
from recframe.export.histories.parity_histories import held_out_inputs
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.runtime import Bundle, BundleError
from recframe.runtime.schema import manifest_schema

GENRES = ("War", "Drama", "Comedy", "UNK")
GROUPS = (
    "groups={near:{encoder:{type:cnn},features:{item:{type:int,source:item,vocab_size:40},"
    "stars:{type:float,source:rating},kind:{type:string,source:kind},price:{type:float,source:price}}},"
    "far:{encoder:{type:bow},features:{before:{type:int,source:item,length:9,max_vocabulary:20}}},"
    "genres:{encoder:{type:bow},features:{genre:{type:string,source:genres,length:LENGTH,vocab_name:'FILE'}}},"
    "weights:{features:{weight:{type:float,source:weights,length:3}}},"
    "who:{scope:user,features:{age:{type:int,source:age,length:2}}}}"
)


def _interactions() -> Interactions:
    """30 items with gaps in their ids; the last two are beyond label.vocab_size, and one of the items has no genre."""
    rng = np.random.default_rng(5)
    items, events = 30, 600
    genres, weights = np.empty(items, object), np.empty(items, object)
    genres[:] = [list(rng.permutation(GENRES)[: i % 4]) for i in range(items)]
    weights[:] = [[np.float32(i), np.float32(i / 2)][: i % 3] for i in range(items)]
    made = Interactions.from_columns(
        rng.integers(0, 25, events),
        rng.integers(0, items, events),
        np.arange(events),
        {
            "id": np.array([i + 5 if i < 28 else i + 100 for i in range(items)]),
            "title": np.array([f"Item {i}" for i in range(items)]),
            "kind": np.array([f"kind {i % 3}" for i in range(items)]),
            "price": rng.random(items).astype(np.float32),
            "genres": genres,
            "weights": weights,
        },
        {"rating": rng.integers(1, 6, events).astype(np.float32)},
    )
    object.__setattr__(made, "users", {"age": rng.integers(20, 30, made.num_users)})
    return made


@pytest.fixture(scope="module", params=["1-4", "model_maker-4", "1-40"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    batch, length = request.param.split("-")
    (folder / "genres.txt").write_text("UNK\nDrama\nWar\nDrama\n", encoding="utf-8")
    groups = GROUPS.replace("FILE", str(folder / "genres.txt")).replace("LENGTH", length)
    overrides = ["model.history_length=5", "label.vocab_size=40", "~groups.history", "exclude_seen=true"]
    spec = recframe.compose([groups, *overrides, "model.num_predictions=7", f"export.batch={batch}"])
    registries = recframe.load_plugins()
    data = prepare(spec, registries, _interactions())
    return Run(spec, registries, data, build_model(spec, registries, data.features, data.num_labels), folder)


@pytest.fixture(scope="module")
def bundle(run: Run) -> Bundle:
    return Bundle(run.export())


def test_the_inputs_are_those_of_training(run: Run, bundle: Bundle) -> None:
    data = run.data
    targets = data.targets(TEST)
    expected, events = histories(data, targets), history_events(data, targets, 9)
    compared = 0
    for row, chosen in enumerate(events):
        chosen = chosen[chosen < data.interactions.num_events]
        labels = data.labels[chosen].tolist()
        if 0 in labels:  # an item that the bundle does not know
            continue
        user = data.users[targets[row]]
        by_feature = {
            "stars": data.interactions.events["rating"][chosen].tolist(),
            "age": [int(data.interactions.users["age"][user])],
        }
        inputs = bundle.inputs(labels, by_feature)
        for name, values in expected.items():
            np.testing.assert_array_equal(inputs[name].reshape(-1), values[row], err_msg=name)
            assert inputs[name].dtype == values.dtype
        compared += 1
    assert compared > 5


def test_golden_examples_hold_in_the_bundles_own_shapes(bundle: Bundle) -> None:
    shapes = {spec["name"]: spec for spec in (*bundle.manifest["inputs"], *bundle.manifest["outputs"])}
    golden = json.loads((bundle.folder / "golden.json").read_text())
    assert golden
    for example in golden:
        for name, values in (*example["inputs"].items(), *example["outputs"].items()):
            assert list(np.shape(values)) == shapes[name]["shape"]
        answer = bundle.runner(**{n: np.array(v, shapes[n]["dtype"]) for n, v in example["inputs"].items()})
        assert answer["top_prediction_ids"].tolist() == example["outputs"]["top_prediction_ids"]
        scores = example["outputs"]["top_prediction_scores"]
        np.testing.assert_allclose(answer["top_prediction_scores"], scores, rtol=1e-4, atol=1e-4)


def test_the_manifest_says_how_each_input_is_made(bundle: Bundle) -> None:
    jsonschema.validate(bundle.manifest, manifest_schema())
    facts = {
        spec["name"]: tuple(spec[key] for key in ("scope", "values", "steps", "padding", "truncation"))
        for spec in bundle.manifest["inputs"]
    }
    assert facts == {
        **dict.fromkeys(("item", "stars", "kind", "price"), ("history", "one", 5, "right", "oldest")),
        "before": ("history", "one", 9, "right", "oldest"),
        "genre": ("history", "flattened", 5, "right", "newest"),
        "weight": ("history", "flattened", 5, "right", "newest"),
        "age": ("user", "one", None, "right", None),
    }


def test_ids_without_an_item_are_neither_taken_nor_recommended(run: Run, bundle: Bundle) -> None:
    assert len(bundle.labels) == 40
    assert set(bundle.id_of) == {str(i) for i in range(5, 33)} == {bundle.labels[int(label)] for label in bundle.items}
    with pytest.raises(BundleError, match=r"item '4' is not in [^;]*$"):
        bundle.recommend([4])
    for i in range(5, 33):
        items = bundle.recommend([i])
        assert len(items) == 7
        assert {item.id for item in items} <= set(bundle.id_of) - {str(i)}
    assert bundle.recommend([])


def test_an_item_keeps_its_lists(run: Run, bundle: Bundle) -> None:
    rows = run.data.label_items
    for label, item in bundle.items.items():
        assert item["genres"] == run.data.interactions.items["genres"][rows[int(label)]]
    assert [len(bundle.items[label]["weights"]) for label in ("5", "6", "7")] == [0, 1, 2]


def test_what_only_events_and_users_have_is_0_or_given(bundle: Bundle) -> None:
    assert bundle.unknown_inputs == ["stars", "age"]
    inputs = bundle.inputs([5, 6])
    assert not inputs["stars"].any()
    assert not inputs["age"].any()
    by_feature: dict[str, Any] = {"stars": [4, 5.0], "age": [25], "genre": [["War", "UNK"], ["War"]]}
    inputs = bundle.inputs([5, 6], by_feature)
    assert inputs["stars"].reshape(-1)[:3].tolist() == [4, 5, 0]
    assert inputs["age"].reshape(-1).tolist() == [bundle.vocabularies["age"].index("25"), 0]
    # Line 0 is a word, and the line of an unknown value all the same.
    assert inputs["genre"].reshape(-1)[:4].tolist() == [2, 0, 2, 0]
    assert bundle.recommend([5, 6], 3, given=by_feature)


@pytest.mark.parametrize(
    ("by_feature", "words"),
    [
        ({"stars": [4]}, "'stars': expected a value for each of the 2 items, got 1"),
        ({"age": []}, "'age': expected one value, of the user, got 0"),
        ({"ages": [3]}, "no input 'ages'"),
    ],
)
def test_wrong_values_are_told(bundle: Bundle, by_feature: dict[str, Any], words: str) -> None:
    with pytest.raises(BundleError, match=words):
        bundle.inputs([5, 6], by_feature)


def test_recommend_on_the_command_line(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", str(bundle.folder), "--history", "5", "Item 3", "--k", "7"]) == 0
    text = capsys.readouterr()
    assert "after Item 0, Item 3" in text.out
    assert text.err == "· the bundle does not know these values of the items, so the model reads 0: stars, age\n"
    apart, together = (
        (main(["recommend", str(bundle.folder), "--history", *history]), capsys.readouterr().out)
        for history in (["5", "6", "7"], ["5,6", "7"])
    )
    assert apart == together
    assert apart[0] == 0
    assert main(["recommend", str(bundle.folder), "--history", "5,none"]) == 2
    assert "item '5,none' is not in" in capsys.readouterr().err
    assert main(["recommend", str(bundle.folder), "--history", "5", "--k", "29"]) == 2
    assert "between 1 and 28" in capsys.readouterr().err


def test_held_out_inputs_are_of_the_manifests_lengths(run: Run, bundle: Bundle) -> None:
    lengths = {spec["name"]: spec["shape"][-1] for spec in bundle.manifest["inputs"]}
    assert {name: values.shape[1] for name, values in held_out_inputs(run.data, 3).items()} == lengths
