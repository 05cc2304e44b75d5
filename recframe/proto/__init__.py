"""Model Maker's protobuf messages. An InputConfig describes what a model reads and predicts.

`files` reads an InputConfig, and `validate` finds its mistakes. `to_mapping` makes the config of a spec from it, and
`to_message` writes a spec as a message. `names` and `struct_values` translate names and values, and `composed` puts a
file into a composed config. `example_bytes` and `example_files` write and read many tf.train.Examples without making a
message of each.
"""

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
