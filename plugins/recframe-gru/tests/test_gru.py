"""The GRU passes recframe's contract suite for encoders, alone and in a residual block."""

from __future__ import annotations

from recframe.testing import EncoderContract
from recframe_gru import GruOptions, gru


class TestGru(EncoderContract):
    contribution = gru


class TestWithoutFeedForward(EncoderContract):
    contribution = gru
    options = GruOptions(units=6, feed_forward=0, dropout=0.5)


class TestAlone(EncoderContract):
    contribution = gru
    options = GruOptions(residual=False)
