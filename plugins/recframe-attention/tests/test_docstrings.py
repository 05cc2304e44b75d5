"""The examples in the plugin's docstrings run."""

import doctest

from recframe_attention import layer


def test_the_example_of_the_layer_runs() -> None:
    result = doctest.testmod(layer)
    assert result.attempted
    assert not result.failed
