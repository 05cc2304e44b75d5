"""The encoder passes recframe's contract suite, whatever its options."""

import pytest

from recframe import SpecError
from recframe.testing import EncoderContract
from recframe_attention import SasrecOptions, sasrec


class TestByDefault(EncoderContract):
    contribution = sasrec


class TestTwoBlocksWithGates(EncoderContract):
    contribution = sasrec
    options = SasrecOptions(units=6, blocks=2, heads=3, dropout=0.5, gate=True, positions="absolute")


class TestTwoBlocksWithoutFeedForward(EncoderContract):
    contribution = sasrec
    options = SasrecOptions(units=6, blocks=2, heads=1, feed_forward=0)


def test_heads_that_cannot_share_the_units_are_refused() -> None:
    with pytest.raises(SpecError, match="heads: 3 heads cannot share 64 units evenly"):
        SasrecOptions(heads=3)
