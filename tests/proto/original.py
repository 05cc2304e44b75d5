"""Model Maker's messages, built from their published names and numbers in a separate descriptor pool."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "tensorflow_examples.lite.examples.recommendation.ml_v2.configs"
_FIELD = descriptor_pb2.FieldDescriptorProto


def _field(message: Any, name: str, number: int, kind: int, *, of: str | None = None, many: bool = False) -> None:
    field = message.field.add(name=name, number=number, type=kind)
    field.label = _FIELD.LABEL_REPEATED if many else _FIELD.LABEL_OPTIONAL
    if of is not None:
        field.type_name = f".{PACKAGE}.{of}"


def _enum(file: Any, name: str, values: list[str]) -> None:
    enum = file.enum_type.add(name=name)
    for number, value in enumerate(values):
        enum.value.add(name=value, number=number)


def _input_config() -> type[Any]:
    file = descriptor_pb2.FileDescriptorProto(name="input-config.proto", package=PACKAGE, syntax="proto2")
    _enum(file, "FeatureType", ["STRING", "INT", "FLOAT"])
    _enum(file, "EncoderType", ["BOW", "CNN", "LSTM"])
    feature = file.message_type.add(name="Feature")
    _field(feature, "feature_name", 1, _FIELD.TYPE_STRING)
    _field(feature, "feature_type", 2, _FIELD.TYPE_ENUM, of="FeatureType")
    _field(feature, "vocab_name", 3, _FIELD.TYPE_STRING)
    for number, name in enumerate(["vocab_size", "embedding_dim", "feature_length"], 4):
        _field(feature, name, number, _FIELD.TYPE_INT64)
    group = file.message_type.add(name="FeatureGroup")
    _field(group, "features", 1, _FIELD.TYPE_MESSAGE, of="Feature", many=True)
    _field(group, "encoder_type", 2, _FIELD.TYPE_ENUM, of="EncoderType")
    config = file.message_type.add(name="InputConfig")
    _field(config, "global_feature_groups", 1, _FIELD.TYPE_MESSAGE, of="FeatureGroup", many=True)
    _field(config, "activity_feature_groups", 2, _FIELD.TYPE_MESSAGE, of="FeatureGroup", many=True)
    _field(config, "label_feature", 3, _FIELD.TYPE_MESSAGE, of="Feature")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.InputConfig"))


InputConfig: Any = _input_config()
