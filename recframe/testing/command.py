"""The contract of every command."""

from __future__ import annotations

import contextlib
import io
from typing import Any, ClassVar

import pytest

from recframe.errors import RecframeError
from recframe.plugin.types import CommandType


class CommandContract:
    """Run by pytest on a subclass that sets `contribution`."""

    contribution: ClassVar[CommandType]
    options: ClassVar[Any] = None

    def test_its_usage_begins_with_its_name(self) -> None:
        assert self.contribution.usage.split()[:1] == [self.contribution.name]

    def test_help_is_shown_and_nothing_done(self) -> None:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            try:
                code: object = self.contribution.run(["--help"])
            except SystemExit as end:  # as argparse ends
                code = end.code
        assert code in (0, None)
        assert self.contribution.name in shown.getvalue()

    def test_a_wrong_option_is_one_message(self) -> None:
        with pytest.raises(RecframeError):
            self.contribution.run(["--no-such-option"])
