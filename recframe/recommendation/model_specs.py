"""`model_spec.get`, as Model Maker had it, for its one task that lives here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recframe.errors import UnknownNameError
from recframe.errors.nearest import suggestion

RECOMMENDATION_MODELS = ["recommendation"]


def get(spec_or_str: Any, *args: Any, **kwargs: Any) -> Any:
    """A model spec by name, from a class or function that makes one, or as it is.

    Raises:
        UnknownNameError: for a name that is not in RECOMMENDATION_MODELS; it is a KeyError, as in Model Maker.
    """
    if not isinstance(spec_or_str, str):
        made: Callable[..., Any] | None = spec_or_str if callable(spec_or_str) else None
        return made(*args, **kwargs) if made else spec_or_str
    if spec_or_str not in RECOMMENDATION_MODELS:
        raise UnknownModelError(
            f"no model spec {spec_or_str!r}{suggestion(spec_or_str, RECOMMENDATION_MODELS)}; of Model Maker's tasks "
            "recframe has `recommendation`"
        )
    from recframe.recommendation.model_spec import ModelSpec

    return ModelSpec(*args, **kwargs)


class UnknownModelError(UnknownNameError, KeyError):
    """No model spec has that name."""

    def __str__(self) -> str:
        return str(self.args[0])
