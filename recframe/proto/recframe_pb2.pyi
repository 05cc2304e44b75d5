from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FeatureType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STRING: _ClassVar[FeatureType]
    INT: _ClassVar[FeatureType]
    FLOAT: _ClassVar[FeatureType]

class EncoderType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BOW: _ClassVar[EncoderType]
    CNN: _ClassVar[EncoderType]
    LSTM: _ClassVar[EncoderType]
STRING: FeatureType
INT: FeatureType
FLOAT: FeatureType
BOW: EncoderType
CNN: EncoderType
LSTM: EncoderType

class Feature(_message.Message):
    __slots__ = ("feature_name", "feature_type", "vocab_name", "vocab_size", "embedding_dim", "feature_length", "type", "options", "source", "learn_vocabulary")
    FEATURE_NAME_FIELD_NUMBER: _ClassVar[int]
    FEATURE_TYPE_FIELD_NUMBER: _ClassVar[int]
    VOCAB_NAME_FIELD_NUMBER: _ClassVar[int]
    VOCAB_SIZE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_DIM_FIELD_NUMBER: _ClassVar[int]
    FEATURE_LENGTH_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LEARN_VOCABULARY_FIELD_NUMBER: _ClassVar[int]
    feature_name: str
    feature_type: FeatureType
    vocab_name: str
    vocab_size: int
    embedding_dim: int
    feature_length: int
    type: str
    options: _struct_pb2.Struct
    source: str
    learn_vocabulary: bool
    def __init__(self, feature_name: _Optional[str] = ..., feature_type: _Optional[_Union[FeatureType, str]] = ..., vocab_name: _Optional[str] = ..., vocab_size: _Optional[int] = ..., embedding_dim: _Optional[int] = ..., feature_length: _Optional[int] = ..., type: _Optional[str] = ..., options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., source: _Optional[str] = ..., learn_vocabulary: bool = ...) -> None: ...

class FeatureGroup(_message.Message):
    __slots__ = ("features", "encoder_type", "name", "encoder", "encoder_options")
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    ENCODER_TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    ENCODER_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedCompositeFieldContainer[Feature]
    encoder_type: EncoderType
    name: str
    encoder: str
    encoder_options: _struct_pb2.Struct
    def __init__(self, features: _Optional[_Iterable[_Union[Feature, _Mapping]]] = ..., encoder_type: _Optional[_Union[EncoderType, str]] = ..., name: _Optional[str] = ..., encoder: _Optional[str] = ..., encoder_options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class InputConfig(_message.Message):
    __slots__ = ("global_feature_groups", "activity_feature_groups", "label_feature", "history_length", "now_feature_groups")
    GLOBAL_FEATURE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FEATURE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    LABEL_FEATURE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_LENGTH_FIELD_NUMBER: _ClassVar[int]
    NOW_FEATURE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    global_feature_groups: _containers.RepeatedCompositeFieldContainer[FeatureGroup]
    activity_feature_groups: _containers.RepeatedCompositeFieldContainer[FeatureGroup]
    label_feature: Feature
    history_length: int
    now_feature_groups: _containers.RepeatedCompositeFieldContainer[FeatureGroup]
    def __init__(self, global_feature_groups: _Optional[_Iterable[_Union[FeatureGroup, _Mapping]]] = ..., activity_feature_groups: _Optional[_Iterable[_Union[FeatureGroup, _Mapping]]] = ..., label_feature: _Optional[_Union[Feature, _Mapping]] = ..., history_length: _Optional[int] = ..., now_feature_groups: _Optional[_Iterable[_Union[FeatureGroup, _Mapping]]] = ...) -> None: ...
