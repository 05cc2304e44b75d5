"""The GRU passes recframe's contract suite for encoders, alone and in a residual block."""

from __future__ import annotations

from recframe.testing import EncoderContract
from recframe_gru import GruOptions, gru


class TestAlone(EncoderContract):
    contribution = gru


class TestInABlock(EncoderContract):
    contribution = gru
    options = GruOptions(residual=True)


class TestWithoutFeedForward(EncoderContract):
    contribution = gru
    options = GruOptions(units=6, residual=True, feed_forward=0, dropout=0.5)
