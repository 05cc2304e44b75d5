from typing import Any

import pytest

from recframe.errors import SpecError
from recframe.proto import InputConfig, find_problems, to_mapping
from tests.proto.plugin import REGISTRIES

FILM = {"feature_name": "film", "feature_type": "INT", "vocab_size": 9, "embedding_dim": 4, "feature_length": 5}
GENRE = {
    "feature_name": "genre",
    "feature_type": "STRING",
    "vocab_name": "g.txt",
    "embedding_dim": 4,
    "feature_length": 5,
}
LABEL = {"feature_name": "label", "feature_type": "INT", "vocab_size": 9, "embedding_dim": 4}
GROUP = {"features": [FILM], "encoder_type": "CNN"}
HOUR = {"feature_name": "hour", "feature_type": "INT", "learn_vocabulary": True, "embedding_dim": 4}
FEATURE = "activity_feature_groups[0].features[0]"


def message(groups: Any = (GROUP,), label: Any = LABEL, **rest: Any) -> InputConfig:
    return InputConfig(activity_feature_groups=groups, label_feature=label, **rest)


def without(fields: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key not in keys}


def feature(fields: dict[str, Any]) -> InputConfig:
    return message([{"features": [fields]}])


GOOD = {
    "as Model Maker had it": message(),
    "no encoder named": message([{"features": [FILM]}]),
    "only a global group": InputConfig(global_feature_groups=[GROUP], label_feature=LABEL),
    "ids from a file": feature(without(FILM, "vocab_size") | {"vocab_name": "ids.txt"}),
    "ids learnt": feature(without(FILM, "vocab_size") | {"learn_vocabulary": True}),
    "some texts learnt": feature(without(GENRE, "vocab_name") | {"vocab_size": 9, "learn_vocabulary": True}),
    "label ids learnt": message(label=without(LABEL, "vocab_size") | {"learn_vocabulary": True}),
    "width of the model": feature(without(FILM, "embedding_dim") | {"options": {"embedding_dim": None}}),
    "a type said twice alike": feature({**FILM, "type": "int"}),
    "an encoder said twice alike": message([{**GROUP, "encoder": "cnn"}]),
    "fields that FLOAT leaves unread": feature(
        {"feature_name": "x", "feature_type": "FLOAT", "embedding_dim": -1, "vocab_name": "x"}
    ),
    "a plugin's": message(
        [
            {
                "features": [{"feature_name": "x", "type": "bucket", "embedding_dim": 3}],
                "encoder": "odd",
                "encoder_options": {"units": 4, "rate": 1},
            }
        ]
    ),
    "a moment": message(now_feature_groups=[{"features": [HOUR]}]),
    "a length as the history's": message([{"features": [FILM, without(GENRE, "feature_length")]}], history_length=5),
}


@pytest.mark.parametrize("config", GOOD.values(), ids=GOOD)
def test_a_good_message_has_no_problem(config: InputConfig) -> None:
    assert find_problems(config, REGISTRIES) == []


BAD = [
    (message([]), "activity_feature_groups: at least one feature group is needed"),
    (message([{"features": []}]), "activity_feature_groups[0].features: at least one feature is needed"),
    (feature(without(FILM, "feature_name")), f"{FEATURE}.feature_name: must be given"),
    (feature({**FILM, "feature_name": ""}), f"{FEATURE}.feature_name: must be given"),
    (feature(without(FILM, "vocab_size")), f"{FEATURE}.vocab_size: INT needs the number of its ids, or vocab_name, or"),
    (feature(without(GENRE, "vocab_name")), f"{FEATURE}.vocab_name: STRING needs the file of its values, or"),
    (feature({**GENRE, "vocab_name": ""}), f"{FEATURE}.vocab_name: STRING needs the file of its values, or"),
    (feature(without(FILM, "embedding_dim")), f"{FEATURE}.embedding_dim: INT needs the width of its embedding"),
    (feature(without(GENRE, "embedding_dim")), f"{FEATURE}.embedding_dim: STRING needs the width of its embedding"),
    (feature(without(GENRE, "feature_type", "vocab_name")), f"{FEATURE}.vocab_name: STRING needs"),
    (feature({**FILM, "embedding_dim": 0}), f"{FEATURE}.embedding_dim: 0 is not allowed: must be at least 1"),
    (feature({**FILM, "vocab_size": 1}), f"{FEATURE}.vocab_size: 1 is not allowed: must be at least 2"),
    (feature({**FILM, "feature_length": 0}), f"{FEATURE}.feature_length: 0 is not allowed: must be at least 1"),
    (feature({**FILM, "feature_type": 7}), f"{FEATURE}.feature_type: no value has the number 7; there are 0, 1, 2"),
    (feature({**FILM, "type": "float"}), f"{FEATURE}.type: 'float', but feature_type is 'int'; leave one out"),
    (
        feature({"feature_name": "x", "type": "buckt"}),
        f"{FEATURE}.type: no feature 'buckt'; did you mean 'bucket'? There are: ",
    ),
    (
        feature({"feature_name": "x", "type": "bucket", "vocab_size": 3}),
        f"{FEATURE}.vocab_size: unknown option; did you mean 'vocab_name'? The options are: edges, ",
    ),
    (feature({**FILM, "learn_vocabulary": True}), f"{FEATURE}.learn_vocabulary: vocab_size decides the ids already"),
    (feature({**GENRE, "learn_vocabulary": True}), f"{FEATURE}.learn_vocabulary: vocab_name decides the ids already"),
    (
        feature({"feature_name": "x", "feature_type": "FLOAT", "learn_vocabulary": True}),
        f"{FEATURE}.learn_vocabulary: only INT and STRING features have a vocabulary",
    ),
    (feature({**FILM, "options": {"vocab_size": 3}}), f"{FEATURE}.options.vocab_size: the field vocab_size sets it"),
    (feature({**FILM, "options": {"max_vocabulry": 3}}), f"{FEATURE}.options.max_vocabulry: unknown option; did you "),
    (
        message([{"features": [FILM, {**GENRE, "feature_name": "film"}]}]),
        f"activity_feature_groups[0].features[1].feature_name: 'film' is also the name of {FEATURE}",
    ),
    (
        message(global_feature_groups=[{"features": [FILM]}]),
        f"{FEATURE}.feature_name: 'film' is also the name of global_feature_groups[0].features[0]",
    ),
    (
        message([{"features": [FILM, {**GENRE, "feature_length": 6}]}], history_length=5),
        "activity_feature_groups[0].features[1].feature_length: 6, but features[0] has 5: ",
    ),
    (
        InputConfig(now_feature_groups=[{"features": [HOUR]}], label_feature=LABEL),
        "activity_feature_groups: at least one feature group is needed",
    ),
    (
        message(now_feature_groups=[{"features": [{**HOUR, "feature_name": "price"}]}]),
        "now_feature_groups[0].features[0].source: 'price' is not known of the moment of asking; use time_since_prev",
    ),
    (
        message(now_feature_groups=[{"features": [{**HOUR, "feature_length": 5}]}]),
        "now_feature_groups[0].features[0].feature_length: 5, but a moment has one value; leave it out",
    ),
    (
        message(now_feature_groups=[{"features": [HOUR], "encoder_type": "BOW"}]),
        "now_feature_groups[0].encoder_type: a moment has no steps to encode; leave it out",
    ),
    (message(history_length=0), "history_length: 0 is not allowed: must be at least 1"),
    (message([{**GROUP, "encoder_type": 9}]), "activity_feature_groups[0].encoder_type: no value has the number 9"),
    (message([{"features": [FILM], "encoder": "od"}]), "activity_feature_groups[0].encoder: no encoder 'od'; did you "),
    (
        message([{**GROUP, "encoder": "lstm"}]),
        "activity_feature_groups[0].encoder: 'lstm', but encoder_type is 'cnn'; leave one out",
    ),
    (
        message([{**GROUP, "encoder_options": {"kernel_size": 0}}]),
        "activity_feature_groups[0].encoder_options.kernel_size: 0 is not allowed: must be at least 1",
    ),
    (
        message([{**GROUP, "encoder_options": {"kernel_size": 1.5}}]),
        "activity_feature_groups[0].encoder_options.kernel_size: expected an integer, got 1.5",
    ),
    (
        message([{**GROUP, "name": "activity_1"}, {"features": [{**FILM, "feature_name": "b"}]}]),
        "activity_feature_groups[1].name: 'activity_1' is also the name of activity_feature_groups[0]",
    ),
    (InputConfig(activity_feature_groups=[GROUP]), "label_feature: must be given"),
    (
        message(label={**LABEL, "feature_type": "STRING"}),
        "label_feature.feature_type: the label must be INT, got STRING",
    ),
    (message(label=without(LABEL, "feature_type")), "label_feature.feature_type: the label must be INT, got STRING"),
    (message(label={**LABEL, "feature_type": 8}), "label_feature.feature_type: the label must be INT, got 8"),
    (message(label=without(LABEL, "feature_name")), "label_feature.feature_name: must be given"),
    (
        message(label=without(LABEL, "vocab_size")),
        "label_feature.vocab_size: the label needs the number of its ids, or",
    ),
    (message(label=without(LABEL, "embedding_dim")), "label_feature.embedding_dim: the label needs the width of its "),
    (message(label={**LABEL, "vocab_size": 1}), "label_feature.vocab_size: 1 is not allowed: must be at least 2"),
    (message(label={**LABEL, "embedding_dim": 0}), "label_feature.embedding_dim: 0 is not allowed: must be at least 1"),
    (message(label={**LABEL, "feature_length": 2}), "label_feature.feature_length: the label is one item: must be 1"),
    (message(label={**LABEL, "vocab_name": "x"}), "label_feature.vocab_name: the label's ids are"),
    (
        message(label={**LABEL, "learn_vocabulary": True}),
        "label_feature.learn_vocabulary: vocab_size decides the ids already",
    ),
    (message(label={**LABEL, "source": "x"}), "label_feature.source: the label has no such field"),
    (message(label={**LABEL, "options": {"a": 1}}), "label_feature.options: the label has no such field"),
]


@pytest.mark.parametrize(("config", "line"), BAD, ids=[line.split(":")[0] for _, line in BAD])
def test_a_mistake_is_reported_with_the_path_of_its_field(config: InputConfig, line: str) -> None:
    (problem,) = find_problems(config, REGISTRIES)
    assert problem.startswith(line)


def test_every_mistake_is_reported_at_once() -> None:
    config = message(
        [{"features": [{"feature_name": "a", "feature_type": "INT"}], "encoder": "cn"}, {"features": []}],
        label=without(LABEL, "embedding_dim"),
        history_length=0,
    )
    with pytest.raises(SpecError) as caught:
        to_mapping(config, REGISTRIES)
    assert {line.split(": ")[0] for line in caught.value.problems} == {
        "activity_feature_groups[0].encoder",
        "activity_feature_groups[0].features[0].vocab_size",
        "activity_feature_groups[0].features[0].embedding_dim",
        "activity_feature_groups[1].features",
        "label_feature.embedding_dim",
        "history_length",
    }
