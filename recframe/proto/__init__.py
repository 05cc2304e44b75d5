"""Model Maker's messages. InputConfig says what a model reads and predicts: specs are made from and to it.

`example_bytes` and `example_files` write and read tf.train.Examples, which are many and so are never held as messages.
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
