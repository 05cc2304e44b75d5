"""Declare a recommender, train it, ship it to a phone.

From the command line, with no argument and no download:

    recframe                                    # synthetic data: train, evaluate, export, report
    recframe dataset=movielens encoder=cnn      # every value can be overridden; see `recframe describe encoder/cnn`
    recframe recommend runs/…/export --history 17 42

The same in Python:

    import recframe

    spec = recframe.compose(["encoder=lstm", "train.epochs=5"])
    run = recframe.train(spec)
    run.recommend(history=["17", "42"])

A plugin adds an encoder, a feature type, a loss, a dataset or an exporter. It is a frozen class of options, a function
and a hook:

    @recframe.hookimpl
    def recframe_encoders():
        yield recframe.EncoderType("mean", summary="The mean of the steps.", options=MeanOptions, build=build)
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recframe.errors import (
    DataError,
    DuplicateNameError,
    ExportError,
    FolderError,
    MissingDependencyError,
    PluginError,
    RecframeError,
    SpecError,
    UnknownNameError,
    missing_dependency,
)

if TYPE_CHECKING:
    from recframe.contributions import (
        DatasetType,
        EncoderContext,
        EncoderType,
        ExporterType,
        FeatureType,
        LossType,
        NoOptions,
    )
    from recframe.hookspecs import hookimpl
    from recframe.manager import load_plugins
    from recframe.specs import DatasetOptions, ExperimentSpec, option
    from recframe.training.run import Run

    __version__: str

#: Names that are imported when they are first used: with `recframe[runtime]` alone, what they need is not installed.
_PLACES = {
    **dict.fromkeys(
        "DatasetType EncoderContext EncoderType ExporterType FeatureType LossType NoOptions".split(),
        "recframe.contributions",
    ),
    **dict.fromkeys("DatasetOptions ExperimentSpec option".split(), "recframe.specs"),
    "hookimpl": "recframe.hookspecs",
    "load_plugins": "recframe.manager",
}


def compose(overrides: Sequence[str] = ()) -> ExperimentSpec:
    """The spec that the command line builds from the same overrides: `compose(["encoder=cnn", "train.epochs=5"])`.

    Raises:
        SpecError: Where an override or a value is wrong; every problem is listed.
    """
    spec: ExperimentSpec = _load("recframe.config", "compose")(list(overrides))
    return spec


def train(spec: ExperimentSpec, folder: Path | None = None, **kwargs: Any) -> Run:
    """Prepare, train and evaluate; needs TensorFlow, which is imported here and not before."""
    run: Run = _load("recframe.training.run", "train")(spec, folder, **kwargs)
    return run


def _load(module: str, name: str) -> Any:
    """A name of a module.

    Raises:
        MissingDependencyError: an ImportError, where the runtime alone is installed.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise missing_dependency(error) or error from None


if not TYPE_CHECKING:  # a type checker would take every name for one of recframe's

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib import metadata

            try:
                found = metadata.version("recframe")
            except metadata.PackageNotFoundError:  # a bare checkout
                found = "0"
        elif name in _PLACES:
            found = _load(_PLACES[name], name)
        else:
            raise AttributeError(f"module 'recframe' has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "DataError",
    "DatasetOptions",
    "DatasetType",
    "DuplicateNameError",
    "EncoderContext",
    "EncoderType",
    "ExperimentSpec",
    "ExportError",
    "ExporterType",
    "FeatureType",
    "FolderError",
    "LossType",
    "MissingDependencyError",
    "NoOptions",
    "PluginError",
    "RecframeError",
    "SpecError",
    "UnknownNameError",
    "__version__",
    "compose",
    "hookimpl",
    "load_plugins",
    "option",
    "train",
]
