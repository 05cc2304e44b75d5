"""The encoder passes recframe's contract suite, whatever its options."""

from recframe.testing import EncoderContract
from recframe_lru import LruOptions, lru


class TestOneBlock(EncoderContract):
    contribution = lru


class TestTwoBlocks(EncoderContract):
    contribution = lru
    options = LruOptions(units=6, blocks=2, feed_forward=0, dropout=0.5)
