"""The contract suites over everything that the built-in plugins register."""

from __future__ import annotations

from typing import Any

import pytest

import recframe
from recframe.testing import EncoderContract, LossContract

REGISTRIES = recframe.load_plugins()


def _variants(name: str) -> list[tuple[str, Any]]:
    """Every built-in encoder with its defaults, and CNN with strides, which is another way through the code."""
    options = REGISTRIES.encoders[name].options
    made = [(name, options())]
    if name == "cnn":
        made += [
            (f"{name}-stride", options(kernel_size=3, stride=2)),
            (f"{name}-original", options(kernel_size=4, stride=4)),
        ]
    return made


class TestEncoders(EncoderContract):
    @pytest.fixture(
        autouse=True,
        params=[(name, options) for name in REGISTRIES.encoders for _, options in _variants(name)],
        ids=[title for name in REGISTRIES.encoders for title, _ in _variants(name)],
    )
    def _choose(self, request: pytest.FixtureRequest) -> None:
        name, options = request.param
        type(self).contribution, type(self).options = REGISTRIES.encoders[name], options


class TestLosses(LossContract):
    @pytest.fixture(autouse=True, params=list(REGISTRIES.losses))
    def _choose(self, request: pytest.FixtureRequest) -> None:
        type(self).contribution = REGISTRIES.losses[request.param]
