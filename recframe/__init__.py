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
    from recframe.commands.in_python import (
        compose,
        evaluate_run,
        export_run,
        load_run,
        resume,
        run_spec,
        to_spec,
        train,
    )
    from recframe.errors.nearest import nearest
    from recframe.errors.pasting import override
    from recframe.files.json_text import parse_json
    from recframe.interactions.file_order import sorted_by_item_note
    from recframe.interactions.interactions import CONTEXT, TEST, TRAIN, VALIDATION, Column, Interactions
    from recframe.interactions.ordering import EqualTimes, FileEvents, order_events
    from recframe.interactions.sorting import distinct_integers, order_by
    from recframe.interactions.tables import to_polars
    from recframe.plugin.catalogue import Catalogue, FeatureInfo
    from recframe.plugin.exporting import (
        Answers,
        ExportContext,
        ExportedFile,
        Golden,
        HeldOut,
        RawHistory,
        ServingGraph,
    )
    from recframe.plugin.hooks import hookimpl
    from recframe.plugin.manager import load_plugins
    from recframe.plugin.types import (
        CommandType,
        DatasetContext,
        DatasetFiles,
        DatasetType,
        EncodedFeature,
        EncoderContext,
        EncoderType,
        ExporterType,
        FeatureContext,
        FeatureType,
        FeatureValues,
        LossContext,
        LossType,
        NoOptions,
    )
    from recframe.process.memory import free_memory
    from recframe.process.native_output import quiet_native_output
    from recframe.process.tensorflow_start import load_tensorflow
    from recframe.recommendation import model_spec
    from recframe.runs.listener import Listener
    from recframe.runs.run import Run
    from recframe.runtime.encoding import (
        bucket_ids,
        hashed_id,
        logarithm,
        number_of,
        numbers_of,
        scaled,
        text_of,
        texts_of,
    )
    from recframe.spec.experiment import DatasetOptions, ExperimentSpec
    from recframe.spec.option import option
    from recframe.spec.structure import options_from

    __version__: str

#: Where each public name is. They are imported when they are first used: with `recframe[runtime]` alone, what they need
#: is not installed.
_PLACES = {
    name: module
    for module, names in {
        "recframe.commands.in_python": "compose evaluate_run export_run load_run resume run_spec to_spec train",
        "recframe.errors.nearest": "nearest",
        "recframe.errors.pasting": "override",
        "recframe.files.json_text": "parse_json",
        "recframe.interactions.file_order": "sorted_by_item_note",
        "recframe.interactions.interactions": "CONTEXT TEST TRAIN VALIDATION Column Interactions",
        "recframe.interactions.ordering": "EqualTimes FileEvents order_events",
        "recframe.interactions.sorting": "distinct_integers order_by",
        "recframe.interactions.tables": "to_polars",
        "recframe.plugin.catalogue": "Catalogue FeatureInfo",
        "recframe.plugin.exporting": "Answers ExportContext ExportedFile Golden HeldOut RawHistory ServingGraph",
        "recframe.plugin.hooks": "hookimpl",
        "recframe.plugin.manager": "load_plugins",
        "recframe.plugin.types": "CommandType DatasetContext DatasetFiles DatasetType EncodedFeature EncoderContext "
        "EncoderType ExporterType FeatureContext FeatureType FeatureValues LossContext LossType NoOptions",
        "recframe.process.memory": "free_memory",
        "recframe.process.native_output": "quiet_native_output",
        "recframe.process.tensorflow_start": "load_tensorflow",
        "recframe.runs.listener": "Listener",
        "recframe.runs.run": "Run",
        "recframe.runtime.encoding": "bucket_ids hashed_id logarithm number_of numbers_of scaled text_of texts_of",
        "recframe.spec.experiment": "DatasetOptions ExperimentSpec",
        "recframe.spec.option": "option",
        "recframe.spec.structure": "options_from",
    }.items()
    for name in names.split()
}
#: Modules that are attributes of this one under another name than their own.
_MODULES = {"model_spec": "recframe.recommendation.model_spec"}


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
            value = _load("recframe.process.version", "own_version")()
        elif name in _PLACES:
            value = _load(_PLACES[name], name)
        elif name in _MODULES:
            value = importlib.import_module(_MODULES[name])
        else:
            raise AttributeError(f"module 'recframe' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "CONTEXT",
    "TEST",
    "TRAIN",
    "VALIDATION",
    "Answers",
    "Catalogue",
    "Column",
    "CommandType",
    "DataError",
    "DatasetContext",
    "DatasetFiles",
    "DatasetOptions",
    "DatasetType",
    "DuplicateNameError",
    "EncodedFeature",
    "EncoderContext",
    "EncoderType",
    "EqualTimes",
    "ExperimentSpec",
    "ExportContext",
    "ExportError",
    "ExportedFile",
    "ExporterType",
    "FeatureContext",
    "FeatureInfo",
    "FeatureType",
    "FeatureValues",
    "FileEvents",
    "FolderError",
    "Golden",
    "HeldOut",
    "Interactions",
    "Listener",
    "LossContext",
    "LossType",
    "MissingDependencyError",
    "NoOptions",
    "PluginError",
    "RawHistory",
    "RecframeError",
    "Run",
    "ServingGraph",
    "SpecError",
    "UnknownNameError",
    "__version__",
    "bucket_ids",
    "compose",
    "distinct_integers",
    "evaluate_run",
    "export_run",
    "free_memory",
    "hashed_id",
    "hookimpl",
    "load_plugins",
    "load_run",
    "load_tensorflow",
    "logarithm",
    "model_spec",
    "nearest",
    "number_of",
    "numbers_of",
    "option",
    "options_from",
    "order_by",
    "order_events",
    "override",
    "parse_json",
    "quiet_native_output",
    "resume",
    "run_spec",
    "scaled",
    "sorted_by_item_note",
    "text_of",
    "texts_of",
    "to_polars",
    "to_spec",
    "train",
]
