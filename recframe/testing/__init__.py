"""Contract suites for plugin authors: subclass one, name your contribution, run pytest.

from recframe.testing import EncoderContract

class TestMine(EncoderContract):
    contribution = mine
    options = MineOptions(units=8)  # only if the defaults do not work here

`recframe check DISTRIBUTION` runs the suites, with default options, on everything that a distribution contributes.
`recframe.testing.fixtures` has fixtures for an author's own tests. docs/testing-plugins.md says more.
"""

from importlib.util import find_spec

from recframe.errors import RecframeError

if find_spec("pytest") is None:
    raise RecframeError("recframe.testing needs pytest: pip install 'recframe[testing]'")

from recframe.testing.command import CommandContract
from recframe.testing.dataset import DatasetContract
from recframe.testing.encoder import EncoderContract
from recframe.testing.exporter import ExporterContract
from recframe.testing.feature import FeatureContract
from recframe.testing.loss import LossContract

__all__ = [
    "CommandContract",
    "DatasetContract",
    "EncoderContract",
    "ExporterContract",
    "FeatureContract",
    "LossContract",
]
