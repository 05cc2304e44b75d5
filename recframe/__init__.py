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

A plugin adds an encoder, a feature type, a loss, a dataset, an exporter or a command. It consists of a frozen class of
options, a function and a hook:

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
    from recframe.commands.python_api import (
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
    from recframe.errors.shell import override
    from recframe.files.json_text import parse_json
    from recframe.interactions.file_order import sorted_by_item_note
    from recframe.interactions.interactions import CONTEXT, TEST, TRAIN, VALIDATION, Column, Interactions
    from recframe.interactions.ordering import EqualTimes, FileEvents, Ordered, order_events
    from recframe.interactions.sorting import distinct_integers, order_by
    from recframe.interactions.tables import to_polars
    from recframe.model.feed_forward import FeedForward, rms_norm
    from recframe.model.repeat_over_padding import repeat_over_padding
    from recframe.model.residual_block import ResidualBlock
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
    from recframe.plugin.new_distribution import new_plugin
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
        words_of,
    )
    from recframe.spec.experiment import DatasetOptions, ExperimentSpec
    from recframe.spec.option import option
    from recframe.spec.structure import options_from

    __version__: str

#: The module of each public name. A name is imported on first use: `recframe[runtime]` alone does not install what all
#: of these modules need.
_MODULE_OF = {
    name: module
    for module, names in {
        "recframe.commands.python_api": "compose evaluate_run export_run load_run resume run_spec to_spec train",
        "recframe.errors.nearest": "nearest",
        "recframe.errors.shell": "override",
        "recframe.files.json_text": "parse_json",
        "recframe.interactions.file_order": "sorted_by_item_note",
        "recframe.interactions.interactions": "CONTEXT TEST TRAIN VALIDATION Column Interactions",
        "recframe.interactions.ordering": "EqualTimes FileEvents Ordered order_events",
        "recframe.interactions.sorting": "distinct_integers order_by",
        "recframe.interactions.tables": "to_polars",
        "recframe.model.feed_forward": "FeedForward rms_norm",
        "recframe.model.repeat_over_padding": "repeat_over_padding",
        "recframe.model.residual_block": "ResidualBlock",
        "recframe.plugin.catalogue": "Catalogue FeatureInfo",
        "recframe.plugin.exporting": "Answers ExportContext ExportedFile Golden HeldOut RawHistory ServingGraph",
        "recframe.plugin.hooks": "hookimpl",
        "recframe.plugin.manager": "load_plugins",
        "recframe.plugin.new_distribution": "new_plugin",
        "recframe.plugin.types": "CommandType DatasetContext DatasetFiles DatasetType EncodedFeature EncoderContext "
        "EncoderType ExporterType FeatureContext FeatureType FeatureValues LossContext LossType NoOptions",
        "recframe.process.memory": "free_memory",
        "recframe.process.native_output": "quiet_native_output",
        "recframe.process.tensorflow_start": "load_tensorflow",
        "recframe.runs.listener": "Listener",
        "recframe.runs.run": "Run",
        "recframe.runtime.encoding": "bucket_ids hashed_id logarithm number_of numbers_of scaled text_of texts_of "
        "words_of",
        "recframe.spec.experiment": "DatasetOptions ExperimentSpec",
        "recframe.spec.option": "option",
        "recframe.spec.structure": "options_from",
    }.items()
    for name in names.split()
}
#: Modules that are attributes of this package.
_SUBMODULES = {"model_spec": "recframe.recommendation.model_spec"}


def _load(module: str, name: str) -> Any:
    """Import a name from a module.

    Raises:
        MissingDependencyError: if the module needs a package that `recframe[runtime]` does not install.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise missing_dependency(error) or error from None


if not TYPE_CHECKING:  # with __getattr__ a type checker would accept any name

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            value = _load("recframe.process.version", "own_version")()
        elif name in _MODULE_OF:
            value = _load(_MODULE_OF[name], name)
        elif name in _SUBMODULES:
            value = importlib.import_module(_SUBMODULES[name])
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
    "FeedForward",
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
    "Ordered",
    "PluginError",
    "RawHistory",
    "RecframeError",
    "ResidualBlock",
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
    "new_plugin",
    "number_of",
    "numbers_of",
    "option",
    "options_from",
    "order_by",
    "order_events",
    "override",
    "parse_json",
    "quiet_native_output",
    "repeat_over_padding",
    "resume",
    "rms_norm",
    "run_spec",
    "scaled",
    "sorted_by_item_note",
    "text_of",
    "texts_of",
    "to_polars",
    "to_spec",
    "train",
    "words_of",
]
