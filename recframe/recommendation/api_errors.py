"""An error that code written for Model Maker can still catch."""

from __future__ import annotations

from recframe.errors import DataError


class ApiValueError(DataError, ValueError):
    """An argument that cannot be used. Model Maker raised ValueError there, so this is one too."""
