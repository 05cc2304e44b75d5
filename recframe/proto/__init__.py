"""InputConfig messages: what a model reads and predicts, as Model Maker wrote it down, and specs from and to it."""

from recframe.proto.composed import with_input_spec
from recframe.proto.files import read_input_config
from recframe.proto.recframe_pb2 import EncoderType, Feature, FeatureGroup, FeatureType, InputConfig
from recframe.proto.to_mapping import to_mapping
from recframe.proto.to_message import to_message
from recframe.proto.validate import find_problems

__all__ = [
    "EncoderType",
    "Feature",
    "FeatureGroup",
    "FeatureType",
    "InputConfig",
    "find_problems",
    "read_input_config",
    "to_mapping",
    "to_message",
    "with_input_spec",
]
