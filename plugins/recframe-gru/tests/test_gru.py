"""The GRU keeps every promise that recframe asks of an encoder."""

from recframe.testing import EncoderContract
from recframe_gru import gru


class TestGru(EncoderContract):
    contribution = gru
