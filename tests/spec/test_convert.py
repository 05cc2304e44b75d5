from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from recframe import errors
from recframe.plugin import manager
from recframe.spec.convert import structure, unstructure

REGISTRIES = manager.load(allowed="").registries


def problems(mapping: dict[str, Any]) -> list[str]:
    with pytest.raises(errors.SpecError) as caught:
        structure(mapping, REGISTRIES)
    return caught.value.problems


MAPPINGS = st.fixed_dictionaries(
    {},
    optional={
        "encoder": st.one_of(
            st.just({"type": "bow"}),
            st.just("lstm"),
            st.fixed_dictionaries({"type": st.just("cnn"), "kernel_size": st.integers(1, 9)}),
        ),
        "loss": st.just({"type": "softmax"}),
        "exporters": st.lists(st.sampled_from(["tflite", "saved_model"]), unique=True),
        "seed": st.integers(0, 2**32 - 1),
        "groups": st.dictionaries(
            st.sampled_from(["history", "other"]),
            st.fixed_dictionaries({"features": st.just({})}, optional={"encoder": st.just({"type": "lstm"})}),
            min_size=1,
        ).map(
            lambda groups: {
                name: {**group, "features": {f"{name}_item": {"type": "int", "source": "item"}}}
                for name, group in groups.items()
            }
        ),
        "model": st.fixed_dictionaries(
            {}, optional={"dropout": st.floats(0, 0.99), "hidden_layer_dims": st.lists(st.integers(1, 64), max_size=3)}
        ),
        "train": st.fixed_dictionaries({}, optional={"learning_rate": st.floats(1e-6, 9), "epochs": st.integers(0, 9)}),
        "split": st.fixed_dictionaries({"type": st.sampled_from(["leave_one_out", "temporal", "random"])}),
    },
)


@given(MAPPINGS)
@settings(deadline=None)
def test_a_spec_comes_back_as_it_was(mapping: dict[str, Any]) -> None:
    spec = structure(mapping, REGISTRIES)
    plain = unstructure(spec)
    assert structure(plain, REGISTRIES) == spec
    assert unstructure(structure(plain, REGISTRIES)) == plain


def test_an_empty_mapping_gives_the_defaults() -> None:
    spec = structure({}, REGISTRIES)
    assert (spec.dataset.type, spec.encoder.type, spec.loss.type) == ("synthetic", "cnn", "softmax")
    assert spec.groups["history"].encoder == spec.encoder
    assert [exporter.type for exporter in spec.exporters] == ["tflite"]


def test_a_group_uses_the_top_level_encoder_and_may_change_an_option() -> None:
    spec = structure(
        {
            "encoder": {"type": "cnn", "kernel_size": 7, "stride": 2},
            "groups": {"history": {"features": {"item": "int"}, "encoder": {"kernel_size": 2}}},
        },
        REGISTRIES,
    )
    options = spec.groups["history"].encoder.options
    assert (options.kernel_size, options.stride) == (2, 2)


def test_every_problem_is_reported_at_once() -> None:
    messages = problems(
        {
            "encoder": {"type": "cn"},
            "train": {"epochs": "abc", "epoch": 2, "patience": 0, "learning_rate": float("nan")},
            "model": {"width": True, "hidden_layer_dims": [3, "a"]},
            "evaluation": {"top_k": [1, 1]},
            "loss": {"smoothing": 1},
            "exporters": ["tflit"],
            "seed": "???",
            "groups": {"a": {"features": {}}, "b": {"features": {"x": {"type": "int", "sorce": "item"}, "y": {}}}},
            "foo": 1,
        }
    )
    by_path = dict(line.split(": ", 1) for line in messages)
    assert set(by_path) == {
        "encoder.type", "train.epochs", "train.epoch", "train.patience", "train.learning_rate", "model.width",
        "model.hidden_layer_dims.1", "evaluation.top_k", "loss.smoothing", "exporters.0.type", "seed",
        "groups.a.features", "groups.b.features.x.sorce", "groups.b.features.y.type", "foo",
    }  # fmt: skip
    assert by_path["encoder.type"].startswith("no encoder 'cn'; did you mean 'cnn'? There are: ")
    assert by_path["train.epochs"] == "expected an integer, got 'abc'"
    assert by_path["train.epoch"].startswith("unknown key; did you mean 'epochs'?")
    assert by_path["train.patience"] == "0 is not allowed: must be at least 1"
    assert by_path["seed"] == "must be given"


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("train", "epochs", 1.0),
        ("train", "epochs", "3"),
        ("train", "tensorboard", 1),
        ("train", "learning_rate", "0.1"),
        ("train", "learning_rate", True),
        ("model", "activation", 1),
        ("model", "hidden_layer_dims", 3),
        ("model", "hidden_layer_dims", None),
    ],
)
def test_scalars_are_strict(section: str, key: str, value: Any) -> None:
    (line,) = problems({section: {key: value}})
    assert line.startswith(f"{section}.{key}: expected ")


def test_an_integer_is_accepted_as_a_number() -> None:
    rate = structure({"train": {"learning_rate": 1}}, REGISTRIES).train.learning_rate
    assert type(rate) is float


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        ({"groups": {}}, "groups: at least one feature group is needed"),
        (
            {"groups": {"a": {"features": {"x": "int"}}, "b": {"features": {"x": "int"}}}},
            "groups.b.features.x: the group 'a' has a feature of that name",
        ),
        (
            {"groups": {"a": {"scope": "user", "features": {"x": {"type": "int", "length": 2}, "y": "int"}}}},
            "groups.a.features: the features of a group need one length: x has 2, y has 1; set `length`, or move one "
            "to a group of its own",
        ),
        ({"exporters": ["tflite", "tflite"]}, "exporters.1: 'tflite' is named twice in the list"),
        ({"exporters": "tflite"}, "exporters: expected a list of exporters, got 'tflite'"),
        ({"train": 3}, "train: expected a mapping of keys to values, got 3"),
        (
            {"groups": {"a": {"features": {"x": {"type": "int", "source": 1}}}}},
            "groups.a.features.x.source: expected text, got 1",
        ),
    ],
)  # fmt: skip
def test_cross_checks(mapping: dict[str, Any], line: str) -> None:
    assert problems(mapping) == [line]
