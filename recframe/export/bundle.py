"""The bundle: written beside, checked, renamed. One that fails a check never appears."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recframe.contributions import ExporterType
from recframe.data.catalogue import Catalogue
from recframe.export.context import AppHistories, ExportedFile, HeldOut
from recframe.export.make_context import make_context
from recframe.export.manifest import write_manifest
from recframe.export.texts import write_texts
from recframe.folders.bundles import bundle_place
from recframe.model.dual_encoder import DualEncoder
from recframe.registry import Registries
from recframe.specs import ExperimentSpec

if TYPE_CHECKING:
    from collections.abc import Callable


def export_bundle(
    spec: ExperimentSpec,
    registries: Registries,
    catalogue: Catalogue,
    model: DualEncoder,
    scorer: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    histories: Mapping[str, np.ndarray],
    folder: Path,
    held_out: HeldOut | None = None,
    unfinished: str = "",
    of_apps: AppHistories | None = None,
) -> dict[str, dict[str, Any]]:
    """Export with every exporter of the spec; returns the measured figures by `exporter/variant`.

    Args:
        scorer: The trained model's scores of every label.
        histories: Held-out inputs [histories, length] by feature, on which the exports are compared.
        held_out: The test targets, on which the exports are measured; None: not measured.
        unfinished: How far the training came, where it was stopped.
        of_apps: Histories in raw values, which an app must read as training did; None: not compared.

    Raises:
        ExportError: where a check fails; the folder is then as it was before.
        FolderError: where the folder is no bundle, or another process exports there.
    """
    with bundle_place(folder) as part:
        context = make_context(spec, registries, catalogue, model, scorer, histories, part, held_out, of_apps)
        exported: list[ExportedFile] = []
        for component in spec.exporters:
            exporter: ExporterType = registries.exporters[component.type]
            exported += exporter.export(component.options, context)
        write_texts(context)
        write_manifest(spec, registries, catalogue, part, context, exported, unfinished)
    return {file.name: {**file.figures, **file.timings, "chosen": file.chosen} for file in exported}
