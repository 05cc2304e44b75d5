"""TensorFlow Lite Model Maker's recommendation API: change the import and keep the code (docs/migrating.md).

`data_loader` makes examples of MovieLens (`movielens/`), of tables (`events/`) and of TFRecords (`tfrecords`). `spec`
and `model_spec` describe a model, and `model` trains, evaluates and exports it. TensorFlow is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recframe.recommendation import spec
    from recframe.recommendation.data_loader import DataLoader
    from recframe.recommendation.model import Recommendation, create
    from recframe.recommendation.model_spec import ModelSpec

#: The module of each public name. It is imported on first use.
_HOMES = dict(DataLoader="data_loader", ModelSpec="model_spec", Recommendation="model", create="model", spec="spec")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name]}")
    return home if name == _HOMES[name] else getattr(home, name)


__all__ = ["DataLoader", "ModelSpec", "Recommendation", "create", "spec"]


def __dir__() -> list[str]:
    return __all__
