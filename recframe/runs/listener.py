"""The interface through which a run reports what it does."""

from __future__ import annotations

import logging

from recframe.training.progress import Progress

_log = logging.getLogger("recframe")


class Listener:
    """A run calls its methods. `recframe.reporting.console` has the listener for terminals."""

    def say(self, message: str) -> None:
        """Receives a note for the user. By default, it becomes a warning of the logger `recframe`."""
        _log.warning(message)

    def progress(self, progress: Progress) -> None:
        """Is called after each compiled call."""

    def epoch(self, epoch: int, loss: float, validation: dict[str, float], best: bool) -> None:
        """Is called after each epoch's validation."""
