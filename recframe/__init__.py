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

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recframe.contributions import (
    DatasetType,
    EncoderContext,
    EncoderType,
    ExporterType,
    FeatureType,
    LossType,
    NoOptions,
)
from recframe.errors import (
    DataError,
    DuplicateNameError,
    ExportError,
    PluginError,
    RecframeError,
    SpecError,
    UnknownNameError,
)
from recframe.hookspecs import hookimpl
from recframe.manager import load_plugins, own_version
from recframe.specs import DatasetOptions, ExperimentSpec, option

if TYPE_CHECKING:
    from recframe.training.run import Run

__version__ = own_version()


def compose(overrides: Sequence[str] = ()) -> ExperimentSpec:
    """The spec that the command line builds from the same overrides: `compose(["encoder=cnn", "train.epochs=5"])`.

    Raises:
        SpecError: Where an override or a value is wrong; every problem is listed.
    """
    from recframe.config import compose as compose_

    return compose_(list(overrides))


def train(spec: ExperimentSpec, folder: Path | None = None, **kwargs: Any) -> Run:
    """Prepare, train and evaluate; needs TensorFlow, which is imported here and not before."""
    from recframe.training.run import train as train_

    return train_(spec, folder, **kwargs)


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
    "LossType",
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
