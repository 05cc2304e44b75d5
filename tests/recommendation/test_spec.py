from typing import Any

import numpy as np
import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from recframe import recommendation
from recframe.errors import SpecError
from recframe.plugin import manager
from recframe.proto import to_mapping
from recframe.recommendation import spec
from recframe.spec import convert as converter

GIVEN: dict[str, Any] = {
    "hidden_layer_dims": [32, 32],
    "eval_top_k": [1, 5],
    "conv_num_filter_ratios": [2, 4],
    "conv_kernel_size": 16,
    "lstm_num_units": 12,
}


def test_model_makers_own_example() -> None:
    film = {"feature_type": "INT", "vocab_size": 3953, "embedding_dim": 8}
    input_spec = recommendation.spec.InputSpec(
        activity_feature_groups=[
            {"features": [{"feature_name": "context_movie_id", "feature_length": 10, **film}], "encoder_type": "CNN"},
        ],
        label_feature={"feature_name": "label_movie_id", "feature_length": 1, **film},
    )
    group = input_spec.activity_feature_groups[0]
    assert group.encoder_type == recommendation.spec.EncoderType.CNN
    assert group.features[0].HasField("vocab_size")
    assert not group.features[0].HasField("vocab_name")
    with pytest.raises(ValueError, match="int"):
        recommendation.spec.Feature(feature_type="int")


def test_the_enums_are_wrappers_with_the_numbers_of_model_maker() -> None:
    assert isinstance(spec.EncoderType, EnumTypeWrapper)
    assert isinstance(spec.FeatureType, EnumTypeWrapper)
    assert spec.EncoderType.items() == [("BOW", 0), ("CNN", 1), ("LSTM", 2)]
    assert spec.FeatureType.items() == [("STRING", 0), ("INT", 1), ("FLOAT", 2)]
    assert all(issubclass(cls, Message) for cls in (spec.Feature, spec.FeatureGroup, spec.InputSpec))


def test_hyperparameters_stand_in_model_makers_order_and_can_be_changed() -> None:
    hparams = spec.ModelHParams(*GIVEN.values())
    assert hparams == spec.ModelHParams(**GIVEN, num_predictions=10)
    hparams.num_predictions = 5
    assert spec.ModelHParams(**GIVEN) > hparams
    assert spec.ModelHParams(**{**GIVEN, "hidden_layer_dims": (32, np.int64(32))}) == spec.ModelHParams(**GIVEN)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"hidden_layer_dims": 3}, "hidden_layer_dims: expected a list of integers, got 3"),
        ({"hidden_layer_dims": [0]}, "hidden_layer_dims: 0 is not allowed: must be at least 1"),
        ({"hidden_layer_dims": None}, "hidden_layer_dims: expected a list of integers, got None"),
        ({"eval_top_k": [1.0]}, "eval_top_k.0: expected an integer, got 1.0"),
        ({"conv_kernel_size": [3]}, "conv_kernel_size: expected an integer or null, got [3]"),
        ({"conv_kernel_size": True}, "conv_kernel_size: expected an integer or null, got True"),
        ({"lstm_num_units": 0}, "lstm_num_units: 0 is not allowed: must be at least 1"),
        ({"num_predictions": 0}, "num_predictions: 0 is not allowed: must be at least 1"),
        ({"num_predictions": "10"}, "num_predictions: expected an integer, got '10'"),
    ],
)
def test_a_wrong_hyperparameter_is_refused(change: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecError) as made:
        spec.ModelHParams(**{**GIVEN, **change})
    assert str(made.value).startswith(line)
    assert isinstance(made.value, ValueError)
    hparams = spec.ModelHParams(**GIVEN)
    ((name, value),) = change.items()
    with pytest.raises(ValueError, match=name):
        setattr(hparams, name, value)
    assert hparams == spec.ModelHParams(**GIVEN)


def test_every_wrong_hyperparameter_is_told_at_once() -> None:
    with pytest.raises(spec.HParamsError) as caught:
        spec.ModelHParams([-1], [], [2], "a", None, 0)
    assert [line.split(":")[0] for line in caught.value.problems] == [
        "hidden_layer_dims",
        "conv_kernel_size",
        "num_predictions",
    ]


def test_the_options_of_the_encoders() -> None:
    hparams = spec.ModelHParams(**GIVEN)
    assert hparams.encoder_defaults() == {
        "cnn": {"filter_ratios": [2, 4], "kernel_size": 16, "stride": 16, "fade": False},
        "lstm": {"units": 12, "residual": False},
    }
    assert spec.ModelHParams([], [1], None, None, None).encoder_defaults() == {"cnn": {}, "lstm": {"residual": False}}
    registries = manager.load(allowed="").registries
    film = {"feature_name": "film", "feature_type": "INT", "vocab_size": 9, "embedding_dim": 4, "feature_length": 5}
    message = spec.InputSpec(
        activity_feature_groups=[{"features": [film], "encoder_type": "LSTM"}],
        label_feature={**film, "feature_name": "label", "feature_length": 1},
    )
    made = converter.structure(to_mapping(message, registries, hparams.encoder_defaults()), registries)
    assert made.groups["activity_0"].encoder.options.units == 12
