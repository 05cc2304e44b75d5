"""Contract suites for plugin authors: subclass one, name your contribution, run pytest.

from recframe.testing import EncoderContract

class TestMine(EncoderContract):
    contribution = mine
"""

from recframe.testing.encoder import EncoderContract
from recframe.testing.loss import LossContract

__all__ = ["EncoderContract", "LossContract"]
