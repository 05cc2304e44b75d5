"""The GRU passes recframe's contract suite for encoders."""

from recframe.testing import EncoderContract
from recframe_gru import gru


class TestGru(EncoderContract):
    contribution = gru
