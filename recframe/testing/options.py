"""The options that a suite runs with."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from recframe.plugin.types import Contribution


def chosen_options(contribution: Contribution, own: Any) -> Any:
    """The author's options, or else the defaults; the test is skipped where an option has no default."""
    if own is not None:
        return own
    missing = [field.name for field in attrs.fields(contribution.options) if field.default is attrs.NOTHING]
    if missing:
        skip_for_options(contribution, f"no default for {', '.join(missing)}")
    return contribution.options()


def skip_for_options(contribution: Contribution, reason: str) -> None:
    """Skip the test, and say how the author runs it."""
    pytest.skip(f"set options = {contribution.options.__name__}(...) in a test of your own: {reason}")
