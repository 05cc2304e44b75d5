"""Writing a model of this API: made beside, checked, and put in place file by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np

from recframe.errors.nearest import listing
from recframe.export.context import make_context
from recframe.export.exported_files import exported_files
from recframe.export.histories.parity_histories import ParityHistories
from recframe.export.own_folder import put_exports
from recframe.files.staging import staged
from recframe.model.trained_model import TrainedModel
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.registry import Registries
from recframe.recommendation.api_errors import ApiValueError, require_file_names, require_type
from recframe.recommendation.export_formats import ExportFormat, QuantizationConfig

_EXPORTERS = {ExportFormat.TFLITE: "tflite", ExportFormat.SAVED_MODEL: "saved_model"}
#: What each format is called until it gets the user's name.
_WRITTEN_AS = {
    ExportFormat.TFLITE: "model.tflite",
    ExportFormat.SAVED_MODEL: "saved_model",
    ExportFormat.LABEL: "LABEL",
    ExportFormat.VOCAB: "VOCAB",
}
Format = ExportFormat | str


def export_model(
    trained: TrainedModel,
    histories: Mapping[str, np.ndarray],
    folder: Path,
    names: Mapping[ExportFormat, str],
    formats: Format | Sequence[Format],
    quantization: QuantizationConfig | None,
    vocabularies: Mapping[str, Sequence[str]],
) -> None:
    """Write the model in each format: beside its place, checked, and then put there.

    Args:
        histories: Real inputs [histories, length] by feature, on which the exports are compared.
        names: What the files are called in the folder.
        vocabularies: Lines of the features' vocabulary files by name of the file, which VOCAB writes too.

    Raises:
        ApiValueError: for a format that cannot be written, or a quantization that is none.
        ExportError: where an exported model does not answer as the trained one does; nothing appears then.
        FolderError: where something in the folder would be lost that is no earlier export.
    """
    spec, registries, catalogue = trained.spec, trained.registries, trained.catalogue
    chosen = _formats(formats, registries)
    require_file_names(**{f"{role.value.lower()}_filename": name for role, name in names.items()})
    if quantization is not None:
        require_type("quantization_config", quantization, QuantizationConfig, "recframe.config.QuantizationConfig")
    variant = quantization.variant if quantization is not None else "float32"
    # Of one signature, as Model Maker's files are: its users ask for the runner without naming any.
    export = attrs.evolve(spec.export, variants=(variant,), max_size_kb=None, scores_signature=False)
    spec = attrs.evolve(spec, export=export)
    folder.mkdir(parents=True, exist_ok=True)
    with staged(folder, "export") as part:
        context = make_context(attrs.evolve(trained, spec=spec), ParityHistories(histories), part)
        for item in chosen:
            if item is ExportFormat.LABEL:
                (part / _WRITTEN_AS[item]).write_text(_lines(_titles(catalogue)), encoding="utf-8")
            elif item is ExportFormat.VOCAB:
                (part / _WRITTEN_AS[item]).write_text(_lines(catalogue.labels), encoding="utf-8")
                _write_vocabularies(part, vocabularies, names)
            else:
                kind = registries.exporters[_EXPORTERS[item] if isinstance(item, ExportFormat) else item]
                exported_files(kind, kind.options(), context)
        put_exports(part, folder, {_WRITTEN_AS[kind]: name for kind, name in names.items()})


def _formats(wanted: Format | Sequence[Format], registries: Registries) -> list[ExportFormat | str]:
    chosen: list[ExportFormat | str] = []
    for item in [wanted] if isinstance(wanted, ExportFormat | str) else wanted:
        if isinstance(item, str) and item.upper() in ExportFormat.__members__:
            item = ExportFormat[item.upper()]
        if item is ExportFormat.TFJS:
            raise ApiValueError(
                "export_format TFJS: a browser runs the .tflite file itself, with LiteRT.js; use TFLITE"
            )
        if isinstance(item, str) and item not in registries.exporters:
            known = [*(name for name in ExportFormat.__members__ if name != "TFJS"), *registries.exporters.names()]
            raise ApiValueError(f"export_format: no {item!r}{listing(item, known, 'There are')}")
        chosen.append(item)
    return chosen


def _titles(catalogue: Catalogue) -> list[str]:
    """The title of each label id, or its raw id where it has none."""
    titles = catalogue.shown.get("title")
    return [str(titles[i]) if titles and titles[i] else label for i, label in enumerate(catalogue.labels)]


def _lines(values: Sequence[str]) -> str:
    return "".join(f"{' '.join(value.split())}\n" for value in values)


def _write_vocabularies(
    folder: Path, vocabularies: Mapping[str, Sequence[str]], names: Mapping[ExportFormat, str]
) -> None:
    """Write the features' vocabularies line by line as they were read: a line's place is its id."""
    for file, lines in vocabularies.items():
        name = Path(file).name
        if name in (*names.values(), *_WRITTEN_AS.values()):
            raise ApiValueError(
                f"the vocabulary {file} of a feature would be overwritten; choose another name than {name}"
            )
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
