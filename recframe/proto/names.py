"""What the numbers of a message stand for in a config, and what a message means where it is silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recframe.proto import recframe_pb2 as pb
from recframe.proto.struct_values import from_struct

FEATURE_TYPES: Mapping[pb.FeatureType, str] = {pb.STRING: "string", pb.INT: "int", pb.FLOAT: "float"}
ENCODERS: Mapping[pb.EncoderType, str] = {pb.BOW: "bow", pb.CNN: "cnn", pb.LSTM: "lstm"}

#: The field of each scope's groups, in the order in which Model Maker joined them, and the groups' default names.
SCOPES: Mapping[str, tuple[str, str]] = {
    "user": ("global_feature_groups", "global"),
    "history": ("activity_feature_groups", "activity"),
}

#: Options of a feature type that have fields of their own.
OPTION_FIELDS = ("vocab_name", "vocab_size", "embedding_dim")

#: The columns of a MovieLens set behind the features of Model Maker's examples.
MOVIELENS_SOURCES: Mapping[str, str] = {
    "context_movie_id": "item",
    "context_movie_rating": "rating",
    "context_movie_genre": "genres",
    "context_movie_year": "year",
}


def default_source(feature_name: str) -> str:
    """Where a feature's values come from unless `source` says: by MOVIELENS_SOURCES, else the column of its name."""
    return MOVIELENS_SOURCES.get(feature_name, feature_name)


def source_of(feature: pb.Feature) -> str:
    return feature.source if feature.HasField("source") else default_source(feature.feature_name)


def type_of(feature: pb.Feature) -> str | None:
    """The name of the feature type; None where the number is unknown."""
    return feature.type if feature.HasField("type") else FEATURE_TYPES.get(feature.feature_type)


def encoder_of(group: pb.FeatureGroup) -> str | None:
    """The name of the encoder; None where the number is unknown."""
    return group.encoder if group.HasField("encoder") else ENCODERS.get(group.encoder_type)


def option_fields(feature: pb.Feature) -> dict[str, Any]:
    """The options that have fields of their own and are set; an empty vocab_name is none, as Model Maker took it."""
    values = {name: getattr(feature, name) for name in OPTION_FIELDS if feature.HasField(name)}
    return {name: value for name, value in values.items() if value != ""}


def options_of(feature: pb.Feature) -> dict[str, Any]:
    """All options that a message gives a feature's type. Model Maker left the fields of a FLOAT unread."""
    fields = {} if type_of(feature) == "float" else option_fields(feature)
    return fields | from_struct(feature.options)


def named_groups(message: pb.InputConfig) -> Iterator[tuple[str, str, str, pb.FeatureGroup]]:
    """Each group with its scope, its path in the message and its name."""
    for scope, (field, default) in SCOPES.items():
        for index, group in enumerate(getattr(message, field)):
            name = group.name if group.HasField("name") else f"{default}_{index}"
            yield scope, f"{field}[{index}]", name, group


def history_length(message: pb.InputConfig) -> int | None:
    """What the message says or implies of the history's length: that of the longest activity feature that reads items.

    Other features may have several values an event, as the genres of a film, and count only where none reads items.
    """
    if message.HasField("history_length"):
        return message.history_length
    features = [feature for group in message.activity_feature_groups for feature in group.features]
    lengths = [feature for feature in features if feature.HasField("feature_length")]
    items = [feature for feature in lengths if source_of(feature) == "item"]
    return max((feature.feature_length for feature in items or lengths), default=None)
