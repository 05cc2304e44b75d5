"""Recframe's contract suite, on the encoder `mine`."""

from recframe.testing import EncoderContract

from recframe_mine import ENCODER


class TestMine(EncoderContract):
    contribution = ENCODER
