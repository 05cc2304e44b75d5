from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import HealthCheck, given, settings

from recframe.errors import SpecError
from recframe.plugin.manager import load_plugins
from recframe.proto import InputConfig, to_mapping, to_message
from recframe.spec.convert import structure
from recframe.spec.experiment import ExperimentSpec
from tests.proto import original
from tests.proto.plugin import REGISTRIES, specs

DEFAULTS: dict[str, dict[str, Any]] = {
    "cnn": {"filter_ratios": (2, 4), "kernel_size": 16, "stride": 16, "fade": False},
    "lstm": {"units": 7},
    "odd": {"units": 5, "sizes": (9,)},
}
PROPERTY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def back(message: InputConfig, defaults: dict[str, dict[str, Any]] | None = None) -> ExperimentSpec:
    return structure(to_mapping(message, REGISTRIES, defaults), REGISTRIES)


def test_the_strategy_draws_every_builtin_and_the_plugins() -> None:
    drawn = {kind: set[str]() for kind in ("feature", "encoder")}

    @settings(database=None, max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(specs())
    def collect(spec: ExperimentSpec) -> None:
        for group in spec.groups.values():
            drawn["encoder"] |= {group.encoder.type} if group.encoder else set()
            drawn["feature"] |= {feature.type for feature in group.features.values()}

    collect()
    assert drawn == {kind: set(REGISTRIES.of(kind).names()) for kind in drawn}


@given(specs())
@PROPERTY
def test_a_spec_comes_back_as_it_was(spec: ExperimentSpec) -> None:
    message = to_message(spec, REGISTRIES)
    assert back(message) == spec
    assert to_message(back(message), REGISTRIES) == message
    scopes = {
        name: [key for key, group in spec.groups.items() if group.scope == name] for name in ("user", "history", "now")
    }
    assert list(back(message).groups) == scopes["user"] + scopes["history"] + scopes["now"]
    assert all(list(back(message).groups[name].features) == list(spec.groups[name].features) for name in spec.groups)


@given(specs())
@PROPERTY
def test_defaults_of_encoders_do_not_change_a_spec(spec: ExperimentSpec) -> None:
    assert back(to_message(spec, REGISTRIES, DEFAULTS), DEFAULTS) == spec


@given(specs())
@PROPERTY
def test_a_message_survives_bytes_and_text(spec: ExperimentSpec) -> None:
    message = to_message(spec, REGISTRIES)
    assert InputConfig.FromString(message.SerializeToString()) == message
    assert text_format.Parse(text_format.MessageToString(message), InputConfig()) == message


@given(specs())
@PROPERTY
def test_model_maker_reads_our_bytes_and_keeps_our_fields(spec: ExperimentSpec) -> None:
    message = to_message(spec, REGISTRIES)
    theirs = original.InputConfig.FromString(message.SerializeToString())
    assert theirs.label_feature.embedding_dim == spec.model.width
    assert len(theirs.activity_feature_groups) == len(message.activity_feature_groups)
    for group, other in zip(message.activity_feature_groups, theirs.activity_feature_groups, strict=True):
        for feature, same in zip(group.features, other.features, strict=True):
            for field in same.DESCRIPTOR.fields:
                assert feature.HasField(field.name) == same.HasField(field.name)
                assert getattr(feature, field.name) == getattr(same, field.name)
    assert InputConfig.FromString(theirs.SerializeToString()) == message


def model_makers() -> Any:
    """The message of Model Maker's sample: films, ratings and genres, and a film to predict."""
    film = {"feature_type": "INT", "vocab_size": 3953, "embedding_dim": 8}
    rating = {"feature_name": "context_movie_rating", "feature_type": "FLOAT", "feature_length": 10}
    genre = {
        "feature_name": "context_movie_genre",
        "feature_type": "STRING",
        "vocab_name": "movie_genre_vocab.txt",
        "vocab_size": 19,
        "embedding_dim": 4,
        "feature_length": 32,
    }
    return original.InputConfig(
        activity_feature_groups=[
            {
                "features": [{"feature_name": "context_movie_id", "feature_length": 10, **film}, rating],
                "encoder_type": "CNN",
            },
            {"features": [genre], "encoder_type": "CNN"},
        ],
        label_feature={"feature_name": "label_movie_id", "feature_length": 1, **film},
    )


def test_model_makers_bytes_and_text_are_read_and_written_unchanged() -> None:
    theirs = model_makers()
    ours = InputConfig.FromString(theirs.SerializeToString())
    text = text_format.MessageToString(theirs)
    assert text_format.Parse(text, InputConfig()) == ours
    assert text_format.MessageToString(ours) == text
    # What we make of it says no more than it did: it is theirs again, byte for byte.
    written = to_message(back(ours, DEFAULTS), REGISTRIES, DEFAULTS)
    assert written == ours
    assert written.SerializeToString() == theirs.SerializeToString()
    assert text_format.Parse(text_format.MessageToString(written), original.InputConfig()) == theirs


def test_the_spec_of_model_makers_message() -> None:
    mapping = to_mapping(InputConfig.FromString(model_makers().SerializeToString()), REGISTRIES, DEFAULTS)
    cnn = {"type": "cnn", "filter_ratios": (2, 4), "kernel_size": 16, "stride": 16, "fade": False}
    film = {"type": "int", "source": "item", "length": 10, "vocab_size": 3953, "embedding_dim": 8}
    rating = {"type": "float", "source": "rating", "length": 10}
    genre = {
        "type": "string",
        "source": "genres",
        "length": 32,
        "vocab_name": "movie_genre_vocab.txt",
        "vocab_size": 19,
        "embedding_dim": 4,
    }
    assert mapping == {
        "groups": {
            "activity_0": {
                "features": {"context_movie_id": film, "context_movie_rating": rating},
                "encoder": cnn,
                "scope": "history",
            },
            "activity_1": {"features": {"context_movie_genre": genre}, "encoder": cnn, "scope": "history"},
        },
        "label": {"name": "label_movie_id", "vocab_size": 3953},
        "model": {"width": 8, "history_length": 10},
    }


def test_options_of_a_message_win_over_the_defaults() -> None:
    message = InputConfig.FromString(model_makers().SerializeToString())
    message.activity_feature_groups[0].encoder_options.update({"kernel_size": 3})
    spec = back(message, DEFAULTS)
    assert [spec.groups[name].encoder.options.kernel_size for name in spec.groups] == [3, 16]


@pytest.mark.parametrize(
    ("encoder", "line"),
    [
        ({"units": 2**53 + 1}, "groups.g.encoder.units: 9007199254740993 cannot be written to a message: "),
        ({"rate": float("nan")}, "groups.g.encoder.rate: nan cannot be written"),
        ({"shares": [1, float("inf")]}, "groups.g.encoder.shares.1: inf cannot be written"),
        ({"word": "\ud800"}, "groups.g.encoder.word: '\\ud800' cannot be written to a message: not UTF-8"),
        ({"weights": {"a": float("-inf")}}, "groups.g.encoder.weights.a: -inf cannot be written"),
    ],
)
def test_a_value_that_a_message_cannot_hold_is_refused_with_its_path(encoder: dict[str, Any], line: str) -> None:
    groups = {"g": {"features": {"x": "int"}, "encoder": {"type": "odd", "needed": 1, **encoder}}}
    with pytest.raises(SpecError) as caught:
        to_message(structure({"groups": groups}, REGISTRIES), REGISTRIES)
    (problem,) = caught.value.problems
    assert problem.startswith(line)


def test_a_name_that_the_registries_lack_is_refused() -> None:
    spec = structure({"groups": {"g": {"features": {"x": "int"}, "encoder": {"type": "odd", "needed": 1}}}}, REGISTRIES)
    with pytest.raises(SpecError, match=r"activity_feature_groups\[0\]\.encoder: .*'odd'"):
        to_message(spec, load_plugins())
