"""Who hears what a run does."""

from __future__ import annotations

import logging

from recframe.training.loop import Progress

_log = logging.getLogger("recframe")


class Listener:
    """Hears what a run does; the terminal's is in `recframe.reporting.console`."""

    def say(self, message: str) -> None:
        """A line for the user, such as what was left out of the data: by default a warning of the logger `recframe`."""
        _log.warning(message)

    def progress(self, progress: Progress) -> None:
        """After each compiled call."""

    def epoch(self, epoch: int, loss: float, validation: dict[str, float], best: bool) -> None:
        """After each epoch's validation."""
