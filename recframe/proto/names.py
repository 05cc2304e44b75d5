"""Translates the enums of a message into the names of a config, and supplies the values that a message leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recframe.proto import recframe_pb2 as pb
from recframe.proto.struct_values import from_struct
from recframe.spec.experiment import NOW

FEATURE_TYPES: Mapping[pb.FeatureType, str] = {pb.STRING: "string", pb.INT: "int", pb.FLOAT: "float"}
ENCODERS: Mapping[pb.EncoderType, str] = {pb.BOW: "bow", pb.CNN: "cnn", pb.LSTM: "lstm"}

#: For each scope the field with its groups, and their default name. The order is that of Model Maker's concatenation,
#: which has no groups of scope now.
SCOPES: Mapping[str, tuple[str, str]] = {
    "user": ("global_feature_groups", "global"),
    "history": ("activity_feature_groups", "activity"),
    NOW: ("now_feature_groups", "now"),
}

#: Options of a feature type that have their own fields in a message.
OPTION_FIELDS = ("vocab_name", "vocab_size", "embedding_dim")

#: The columns of a MovieLens set behind the features of Model Maker's examples.
MOVIELENS_SOURCES: Mapping[str, str] = {
    "context_movie_id": "item",
    "context_movie_rating": "rating",
    "context_movie_genre": "genres",
    "context_movie_year": "year",
}


def default_source(feature_name: str) -> str:
    """The source of a feature whose message has none: from MOVIELENS_SOURCES, else the feature's own name."""
    return MOVIELENS_SOURCES.get(feature_name, feature_name)


def source_of(feature: pb.Feature) -> str:
    return feature.source if feature.HasField("source") else default_source(feature.feature_name)


def type_of(feature: pb.Feature) -> str | None:
    """The name of the feature type; None if the number is unknown."""
    return feature.type if feature.HasField("type") else FEATURE_TYPES.get(feature.feature_type)


def encoder_of(group: pb.FeatureGroup) -> str | None:
    """The name of the encoder; None if the number is unknown."""
    return group.encoder if group.HasField("encoder") else ENCODERS.get(group.encoder_type)


def option_fields(feature: pb.Feature) -> dict[str, Any]:
    """The options that are set in fields of their own. As in Model Maker, an empty vocab_name counts as not set."""
    values = {name: getattr(feature, name) for name in OPTION_FIELDS if feature.HasField(name)}
    return {name: value for name, value in values.items() if value != ""}


def options_of(feature: pb.Feature) -> dict[str, Any]:
    """All options of the feature type in a message. As in Model Maker, the fields of a FLOAT are ignored."""
    fields = {} if type_of(feature) == "float" else option_fields(feature)
    return fields | from_struct(feature.options)


def named_groups(message: pb.InputConfig) -> Iterator[tuple[str, str, str, pb.FeatureGroup]]:
    """Each group with its scope, its path in the message and its name."""
    for scope, (field, default) in SCOPES.items():
        for index, group in enumerate(getattr(message, field)):
            name = group.name if group.HasField("name") else f"{default}_{index}"
            yield scope, f"{field}[{index}]", name, group


def history_length(message: pb.InputConfig) -> int | None:
    """The length of the history: its own field, or else that of the longest activity feature that reads items.

    Other features count only if none reads items, since they may have several values for each event, such as genres.
    """
    if message.HasField("history_length"):
        return message.history_length
    features = [feature for group in message.activity_feature_groups for feature in group.features]
    lengths = [feature for feature in features if feature.HasField("feature_length")]
    items = [feature for feature in lengths if source_of(feature) == "item"]
    return max((feature.feature_length for feature in items or lengths), default=None)
