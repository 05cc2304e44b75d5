"""Writes a model in Model Maker's formats: first to a hidden folder, and after the checks to its place."""

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

#: The name of each format's file before it gets the user's name.
_WRITTEN_AS = {"TFLITE": "model.tflite", "SAVED_MODEL": "saved_model", "LABEL": "LABEL", "VOCAB": "VOCAB"}
Format = ExportFormat | str


def export_model(
    trained: TrainedModel,
    histories: Mapping[str, np.ndarray],
    folder: Path,
    names: Mapping[str, str],
    formats: Format | Sequence[Format],
    quantization: QuantizationConfig | None,
    vocabularies: Mapping[str, Sequence[str]],
) -> None:
    """Write the model in each format. The errors are those of `Recommendation.export`.

    Args:
        histories: Real inputs [histories, length] by feature, on which the exports are compared.
        names: The file name of each format.
        vocabularies: Lines of the features' vocabulary files by name of the file; VOCAB writes them too.
    """
    spec, registries, catalogue = trained.spec, trained.registries, trained.catalogue
    chosen = _formats(formats, registries)
    require_file_names(**{f"{name.lower()}_filename": file for name, file in names.items()})
    if quantization is not None:
        require_type("quantization_config", quantization, QuantizationConfig, "recframe.config.QuantizationConfig")
    variant = quantization.variant if quantization is not None else "float32"
    # One signature, as in Model Maker's files: its users ask for the runner without a name.
    export = attrs.evolve(spec.export, variants=(variant,), max_size_kb=None, scores_signature=False)
    trained = attrs.evolve(trained, spec=attrs.evolve(spec, export=export))
    texts = {"LABEL": _titles(catalogue), "VOCAB": catalogue.labels}
    folder.mkdir(parents=True, exist_ok=True)
    with staged(folder, "export") as part:
        context = make_context(trained, ParityHistories(histories), part)
        for name in chosen:
            if name in texts:
                lines = "".join(f"{' '.join(value.split())}\n" for value in texts[name])
                (part / _WRITTEN_AS[name]).write_text(lines, encoding="utf-8")
            else:
                exporter = registries.exporters[name.lower() if name in _WRITTEN_AS else name]
                exported_files(exporter, exporter.options(), context)
        if "VOCAB" in chosen:
            _write_vocabularies(part, vocabularies, {*names.values(), *_WRITTEN_AS.values()})
        put_exports(part, folder, {_WRITTEN_AS[name]: file for name, file in names.items()})


def _formats(wanted: Format | Sequence[Format], registries: Registries) -> list[str]:
    """The names of Model Maker's formats in capitals, and the names of other exporters."""
    chosen, formats = [], [name for name in ExportFormat.__members__ if name != "TFJS"]
    for item in [wanted] if isinstance(wanted, ExportFormat | str) else wanted:
        name = item.value if isinstance(item, ExportFormat) else item
        name = name.upper() if name.upper() in ExportFormat.__members__ else name
        if name == "TFJS":
            raise ApiValueError(
                "export_format TFJS: a browser runs the .tflite file itself, with LiteRT.js; use TFLITE"
            )
        if name not in formats and name not in registries.exporters:
            known = listing(name, [*formats, *registries.exporters.names()], "There are")
            raise ApiValueError(f"export_format: no {name!r}{known}")
        chosen.append(name)
    return chosen


def _titles(catalogue: Catalogue) -> list[str]:
    """The title of each label id, or its raw id where it has none."""
    titles = catalogue.shown.get("title")
    return [str(titles[i]) if titles and titles[i] else label for i, label in enumerate(catalogue.labels)]


def _write_vocabularies(folder: Path, vocabularies: Mapping[str, Sequence[str]], others: set[str]) -> None:
    """Write the features' vocabularies line by line as they were read, since the number of a line is its id."""
    for file, lines in vocabularies.items():
        name = Path(file).name
        if name in others:
            what = f"the vocabulary {file} of a feature would be overwritten"
            raise ApiValueError(f"{what}; choose another name than {name}")
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
