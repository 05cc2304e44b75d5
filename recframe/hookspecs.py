"""The whole extension API: five hooks. An implementation yields contributions; nothing is registered by side effect.

import recframe

@recframe.hookimpl
def recframe_encoders():
    yield recframe.EncoderType("mine", summary="...", options=MyOptions, build=build)
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from recframe.contributions import DatasetType, EncoderType, ExporterType, FeatureType, LossType

PROJECT = "recframe"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def recframe_encoders() -> Iterable[EncoderType]:
    """Called once when plugins are loaded; yields encoders, chosen by `encoder=NAME`."""
    raise NotImplementedError


@hookspec
def recframe_feature_types() -> Iterable[FeatureType]:
    """Called once when plugins are loaded; yields feature types, chosen by a feature's `type`."""
    raise NotImplementedError


@hookspec
def recframe_losses() -> Iterable[LossType]:
    """Called once when plugins are loaded; yields losses, chosen by `loss=NAME`."""
    raise NotImplementedError


@hookspec
def recframe_datasets() -> Iterable[DatasetType]:
    """Called once when plugins are loaded; yields datasets, chosen by `dataset=NAME`."""
    raise NotImplementedError


@hookspec
def recframe_exporters() -> Iterable[ExporterType]:
    """Called once when plugins are loaded; yields exporters, chosen by `exporters=[NAME]`."""
    raise NotImplementedError
