"""A plugin that contributes the broken contributions of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import recframe
from recframe.plugin.types import CommandType, DatasetType, EncoderType, ExporterType, FeatureType, LossType
from tests.contracts.broken.listing import BROKEN


class Plugin:
    """Contributes those of one kind, as an installed plugin would."""

    def __init__(self, kind: str) -> None:
        self.contributions = [contribution for contribution, _ in BROKEN if contribution.kind == kind]

    def of(self, kind: type) -> Iterator[Any]:
        return (contribution for contribution in self.contributions if isinstance(contribution, kind))

    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[EncoderType]:
        return self.of(EncoderType)

    @recframe.hookimpl
    def recframe_feature_types(self) -> Iterator[FeatureType]:
        return self.of(FeatureType)

    @recframe.hookimpl
    def recframe_losses(self) -> Iterator[LossType]:
        return self.of(LossType)

    @recframe.hookimpl
    def recframe_datasets(self) -> Iterator[DatasetType]:
        return self.of(DatasetType)

    @recframe.hookimpl
    def recframe_exporters(self) -> Iterator[ExporterType]:
        return self.of(ExporterType)

    @recframe.hookimpl
    def recframe_commands(self) -> Iterator[CommandType]:
        return self.of(CommandType)
