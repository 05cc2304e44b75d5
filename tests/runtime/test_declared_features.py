"""Every kind of feature, from training through the export to the bundle and back to training's own numbers."""

from __future__ import annotations

import json
from typing import Any

import attrs
import jsonschema
import numpy as np
import pytest

import recframe
from recframe import Run
from recframe.data.prepare import prepare
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.runtime import Bundle, BundleError
from recframe.runtime.schema import manifest_schema

GROUPS = (
    "groups={near:{encoder:{type:cnn},features:{item:{type:int,source:item},"
    "stars:{type:float,source:rating,scale:standard},price:{type:float,source:price,scale:log},"
    "tier:{type:buckets,source:price,buckets:4},brand:{type:string,source:brand,max_vocabulary:3,hash_buckets:2},"
    "tags:{type:strings,source:tags},first:{type:strings,source:tags,values:2,pool:sum,max_vocabulary:5,hash_buckets:3},"
    "gap:{type:float,source:time_since_previous,scale:log},hour:{type:int,source:hour},day:{type:int,source:weekday}}},"
    "far:{encoder:{type:bow},features:{more:{type:strings,source:tags,length:9}}},"
    "flat:{encoder:{type:bow},features:{sizes:{type:float,source:sizes,length:8,scale:standard}}},"
    "who:{scope:user,features:{age:{type:float,source:age,scale:standard},years:{type:buckets,source:age,buckets:3},"
    "job:{type:string,source:job,min_count:3,hash_buckets:4}}}}"
)


def _interactions() -> Interactions:
    rng = np.random.default_rng(5)
    items, events = 40, 700
    tags, sizes = np.empty(items, object), np.empty(items, object)
    tags[:] = [[f"tag {n}" for n in rng.permutation(9)[: i % 5]] for i in range(items)]
    sizes[:] = [[float(n) for n in rng.integers(1, 50, i % 3)] for i in range(items)]
    made = Interactions.from_columns(
        rng.integers(0, 25, events),
        rng.integers(0, items, events),
        rng.integers(1_500_000_000, 1_600_000_000, events),
        {
            "id": np.array([f"sku-{i}" for i in range(items)]),
            "title": np.array([f"Item {i}" for i in range(items)]),
            "price": rng.lognormal(3, 2, items),
            "brand": np.array([f"Märke {i % 8}" for i in range(items)]),
            "tags": tags,
            "sizes": sizes,
        },
        {"rating": rng.integers(1, 6, events).astype(np.float32)},
    )
    users = {
        "age": rng.integers(18, 90, made.num_users),
        "job": np.array([f"job {i % 11}" for i in range(made.num_users)]),
    }
    return attrs.evolve(made, users=users)


@pytest.fixture(scope="module", params=["1", "model_maker"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    overrides = [
        "model.history_length=5",
        "~groups.history",
        "model.num_predictions=7",
        "model.width=8",
        "exclude_seen=true",
    ]
    spec = recframe.compose(
        [
            GROUPS.replace("item:{type:int", "item:{type:string"),
            *overrides,
            "exclude_seen=true",
            f"export.batch={request.param}",
        ]
    )
    registries = recframe.load_plugins()
    data = prepare(spec, registries, _interactions())
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return Run(spec, registries, data, model, tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def bundle(run: Run) -> Bundle:
    return Bundle(run.export())  # with its parity gate: the exported model answers as the trained one


def _given(run: Run, target: int) -> tuple[list[int], dict[str, Any], list[int]]:
    """Label ids, values and times of all the events before a target."""
    data, user = run.data.interactions, run.data.users[target]
    events = np.arange(data.offsets[user], target)
    by_feature = {
        "stars": data.events["rating"][events].tolist(),
        "age": [int(data.users["age"][user])],
        "years": [int(data.users["age"][user])],
        "job": [str(data.users["job"][user])],
    }
    return run.data.labels[events].tolist(), by_feature, data.timestamp[events].tolist()


def test_the_inputs_are_those_of_training(run: Run, bundle: Bundle) -> None:
    targets = run.data.targets(TEST)
    expected = histories(run.data, targets)
    assert {name: values.ndim for name, values in expected.items() if values.ndim > 2} == {
        "tags": 3,
        "first": 3,
        "more": 3,
    }
    for row, target in enumerate(targets):
        inputs = bundle.inputs(*_given(run, int(target)))
        for name, values in expected.items():
            np.testing.assert_array_equal(inputs[name].reshape(values[row].shape), values[row], err_msg=name)
            assert inputs[name].dtype == values.dtype
    hashed = {
        name: feature.statistics["hash_from"]
        for name, feature in run.data.features.items()
        if "hash_from" in feature.statistics
    }
    assert set(hashed) == {"brand", "first", "job"}
    for name, start in hashed.items():
        assert (expected[name] >= start).any(), f"{name}: nothing was hashed, and so nothing compared"


def test_the_bundle_recommends_what_the_model_does(run: Run, bundle: Bundle) -> None:
    targets = run.data.targets(TEST)[:5]
    inputs = histories(run.data, targets)
    scores = np.array(run.model.scores(inputs))
    for row, target in enumerate(targets):
        labels, by_feature, times = _given(run, int(target))
        scores[row, [0, *labels]] = -np.inf
        history = [bundle.labels[label] for label in labels]
        answer = bundle.recommend(history, 7, given=by_feature, timestamps=times)
        assert [item.id for item in answer] == [bundle.labels[i] for i in np.argsort(-scores[row])[:7]]


def test_the_manifest_states_shapes_and_statistics(run: Run, bundle: Bundle) -> None:
    jsonschema.validate(bundle.manifest, manifest_schema())
    specs = {spec["name"]: spec for spec in bundle.manifest["inputs"]}
    batch = [1] if run.spec.export.batch == 1 else []
    shapes = {"tags": [5, 4], "first": [5, 2], "more": [9, 4], "gap": [5], "sizes": [8], "age": [1]}
    for name, shape in shapes.items():
        assert specs[name]["shape"] == [*batch, *shape]
    assert [specs[name]["values"] for name in ("tags", "sizes", "gap")] == ["pooled", "flattened", "one"]
    for name, feature in run.data.features.items():
        assert specs[name]["statistics"] == json.loads(json.dumps(dict(feature.statistics)))
    assert set(specs["gap"]["statistics"]) == {"log", "mean", "deviation"}
    assert bundle.vocabularies["tier"][1] == f"up to {specs['tier']['statistics']['edges'][0]!r}"


def test_what_is_not_known_is_0(bundle: Bundle) -> None:
    labels = [1, 2, 3]
    assert bundle.unknown_inputs == ["stars", "gap", "hour", "day", "age", "years", "job"]
    inputs = bundle.inputs(labels)
    assert not any(inputs[name].any() for name in bundle.unknown_inputs)
    assert bundle.recommend([bundle.labels[1]])
    inputs = bundle.inputs(
        labels, {"tags": [["tag 1", "no such tag"], None, []], "job": ["never heard of"], "brand": ["", None, "new"]}
    )
    assert inputs["tags"].reshape(5, 4)[:3].tolist() == [
        [bundle.vocabularies["tags"].index("tag 1"), 0, 0, 0],
        [0] * 4,
        [0] * 4,
    ]
    assert bundle.vocabularies["job"][inputs["job"].reshape(-1)[0]].startswith("<other ")
    first, second, third = inputs["brand"].reshape(-1)[:3]
    assert (first, second) == (0, 0)
    assert bundle.vocabularies["brand"][third].startswith("<other ")


@pytest.mark.parametrize("value", [[1, "cheap", 3], [1, float("nan"), 3], [1, [2], 3]])
def test_a_value_that_is_no_number_is_told(bundle: Bundle, value: list[Any]) -> None:
    for name in ("price", "tier"):
        with pytest.raises(BundleError, match=f"input '{name}': .* is not a finite number"):
            bundle.inputs([1, 2, 3], {name: value})


def test_times_are_one_for_each_event(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="timestamps: expected one for each of the 2 items, got 1"):
        bundle.inputs([1, 2], timestamps=[3])
