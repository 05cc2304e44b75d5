"""Writes a bundle beside its place, checks it, and renames it. A bundle that fails a check never appears."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from recframe.errors import RecframeError
from recframe.export.bundle_files.manifest import write_manifest
from recframe.export.bundle_files.sidecar_files import write_sidecar_files
from recframe.export.bundle_place import bundle_place
from recframe.export.context import make_context
from recframe.export.exported_files import exported_files
from recframe.export.histories.parity_histories import ParityHistories
from recframe.files.whole import remove
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import ExportedFile


def export_bundle(
    trained: TrainedModel,
    compared: ParityHistories,
    folder: Path,
    unfinished: str = "",
    failures: list[RecframeError] | None = None,
    say: Callable[[str], None] = lambda message: None,
) -> dict[str, dict[str, Any]]:
    """Export with every exporter of the spec; returns the measured figures by `exporter/variant`.

    Args:
        unfinished: How far training came, if it was stopped; else empty.
        failures: Receives the errors of exporters, which are then left out of the bundle if another one succeeds. None:
            the first error ends the export.
        say: Receives the progress if it takes long.

    Raises:
        ExportError: where a check fails; the folder is then as it was before.
        PluginError: where a plugin's exporter fails, or returns what it did not write.
        FolderError: where the folder is not a bundle, or another process exports there.
    """
    with bundle_place(folder) as part:
        context = make_context(trained, compared, part, say)
        exported: list[ExportedFile] = []
        for component in trained.spec.exporters:
            exporter = trained.registries.exporters[component.type]
            before = set(part.rglob("*"))
            try:
                exported += exported_files(exporter, component.options, context)
            except RecframeError as error:
                if failures is None:
                    raise
                failures.append(error)
                for path in sorted(set(part.rglob("*")) - before):
                    remove(path)
        if failures and not exported:
            raise failures[0]
        write_sidecar_files(context)
        write_manifest(trained, context, exported, unfinished)
    return {file.name: {**file.figures, **file.timings, "chosen": file.chosen} for file in exported}
