"""The bundle: written beside, checked, renamed. One that fails a check never appears."""

from __future__ import annotations

import os
import shutil
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
    of_apps: AppHistories | None = None,
) -> dict[str, dict[str, Any]]:
    """Export with every exporter of the spec; returns the measured figures by `exporter/variant`.

    Args:
        scorer: The trained model's scores of every label.
        histories: Held-out inputs [histories, length] by feature, on which the exports are compared.
        held_out: The test targets, on which the exports are measured; None: not measured.
        of_apps: Histories in raw values, which an app must read as training did; None: not compared.

    Raises:
        ExportError: where a check fails; the folder is then as it was before.
    """
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    _remove_leftovers(folder)
    try:
        part.mkdir(parents=True)  # within: Ctrl-C may arrive as soon as it is there
        context = make_context(spec, registries, catalogue, model, scorer, histories, part, held_out, of_apps)
        exported: list[ExportedFile] = []
        for component in spec.exporters:
            exporter: ExporterType = registries.exporters[component.type]
            exported += exporter.export(component.options, context)
        write_texts(context)
        write_manifest(spec, registries, catalogue, part, context, exported)
        _put_in_place(part, folder)
    except BaseException:  # Ctrl-C too leaves nothing half-written
        shutil.rmtree(part, ignore_errors=True)
        raise
    return {file.name: {**file.figures, **file.timings, "chosen": file.chosen} for file in exported}


def _remove_leftovers(folder: Path) -> None:
    """Take away what an export that was killed outright has left beside the folder. One that runs keeps its own."""
    for found in (*folder.parent.glob(f"{folder.name}.old-*"), *folder.parent.glob(f"{folder.name}.part-*")):
        pid = found.name.rpartition("-")[2]
        if not pid.isdecimal() or (int(pid) != os.getpid() and _runs(int(pid))):
            continue
        if ".old-" in found.name and not folder.exists():
            found.replace(folder)  # killed in the middle of the swap
        else:
            shutil.rmtree(found, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # no signal: only asks
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _put_in_place(part: Path, folder: Path) -> None:
    """Swap the finished folder for the one before it, if any."""
    old = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.replace(old)
    try:
        part.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
