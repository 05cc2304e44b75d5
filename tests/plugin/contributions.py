"""A contribution and a plugin that the tests of the manager load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import recframe


def encoder(name: str = "mine", **kwargs: Any) -> recframe.EncoderType:
    return recframe.EncoderType(name, summary="For the test.", build=lambda options, context: None, **kwargs)  # type: ignore[arg-type, return-value]


class Good:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
        yield encoder()
