"""manifest.json: the bundle's files, and what an app must know to call the model."""

from __future__ import annotations

import importlib.metadata

from recframe.export.bundle_files.interface import model_interface
from recframe.export.bundle_files.private_spec import without_places
from recframe.export.bundle_files.sidecar_files import write_json
from recframe.files.digests import file_sha256, with_own_digest
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import ExportContext, ExportedFile
from recframe.plugin.used import providers
from recframe.runtime.files import FORMAT_VERSION, MANIFEST, MANIFEST_DIGEST, digest_line


def write_manifest(
    trained: TrainedModel, context: ExportContext, exported: list[ExportedFile], unfinished: str = ""
) -> None:
    """Write the manifest last, since it names every other file with its hash."""
    spec, registries, catalogue, folder = trained.spec, trained.registries, trained.catalogue, context.folder
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": file_sha256(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    facts = model_interface(spec, catalogue, context.module)
    resolved = facts.pop("spec")  # long, so it stands last
    if spec.export.private:
        resolved = without_places(resolved)
    path = folder / MANIFEST
    manifest = {
        "format_version": FORMAT_VERSION,
        **facts,
        "models": [
            {
                "name": file.name,
                "path": file.path,
                "chosen": file.chosen,
                "parity": dict(file.figures),
                **file.details,
            }
            for file in exported
        ],
        "files": files,
        "unfinished": unfinished or None,
        "seed": spec.seed,
        "data_sha256": catalogue.sha256,
        **({} if catalogue.order is None else {"order": dict(catalogue.order)}),
        "versions": {
            name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "ai-edge-litert", "numpy")
        },
        "plugins": sorted({str(provider) for provider in providers(spec, registries).values()}),
        "spec": resolved,
    }
    write_json(path, with_own_digest(manifest))
    (folder / MANIFEST_DIGEST).write_bytes(digest_line(path.read_bytes()))
