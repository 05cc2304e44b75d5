"""TensorFlow Lite Model Maker's recommendation API, under its own names: change the import and keep the code.

from recframe import recommendation

    train = recommendation.DataLoader.from_movielens(data_dir, "train", input_spec)

Nothing here loads TensorFlow before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.recommendation import spec
    from recframe.recommendation.data_loader import DataLoader
    from recframe.recommendation.model import Recommendation, create
    from recframe.recommendation.model_spec import ModelSpec

#: Where each public name is; it is imported when it is first asked for.
_HOMES = {
    "DataLoader": "data_loader",
    "ModelSpec": "model_spec",
    "Recommendation": "model",
    "create": "model",
    "spec": "spec",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name]}")
    return home if name == _HOMES[name] else getattr(home, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = ["DataLoader", "ModelSpec", "Recommendation", "create", "spec"]
