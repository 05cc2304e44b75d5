"""The interface through which a run reports what it does."""

from __future__ import annotations

import logging

from recframe.training.progress import Progress

_log = logging.getLogger("recframe")


class Listener:
    """Is called as a run goes on; `recframe.reporting.console` has the one for terminals."""

    def say(self, message: str) -> None:
        """A line for the user, such as what was left out of the data: by default a warning of the logger `recframe`."""
        _log.warning(message)

    def progress(self, progress: Progress) -> None:
        """After each compiled call."""

    def epoch(self, epoch: int, loss: float, validation: dict[str, float], best: bool) -> None:
        """After each epoch's validation."""
