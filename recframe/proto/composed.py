"""Puts an InputConfig file into a composed config, for `input_spec=path/to/input_config.pbtxt`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recframe.errors import SpecError
from recframe.plugin.registry import Registries
from recframe.proto.files import read_input_config
from recframe.proto.to_mapping import to_mapping

#: Options of the model that the command line may set although the file sets them too. The command line wins.
_OVERRIDABLE = ("width", "history_length")


def with_input_spec(
    config: Mapping[str, Any], path: Any, registries: Registries, overrides: Sequence[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """The config with the groups, the label, model.width and model.history_length of the file.

    Args:
        config: The composed config as a plain mapping.
        overrides: The overrides of the command line. Their `model.width` and `model.history_length` win over the file.

    Returns:
        The config, and notes on what in the file could not be followed.

    Raises:
        SpecError: if the file is wrong, or an override changes a group or the label.
    """
    if not isinstance(path, str):
        raise SpecError(f"input_spec: expected a path, got {path!r}")
    keys = [text.lstrip("+~").partition("=")[0].strip() for text in overrides]
    refused = [key for key in keys if key.split(".")[0] in ("groups", "label")]
    if refused:
        raise SpecError([f"{key}: {path} defines the groups and the label; change it there" for key in refused])
    mapping, notes = _read(path, registries)
    overridden = {key for key in _OVERRIDABLE if f"model.{key}" in keys}
    model = {key: value for key, value in mapping["model"].items() if key not in overridden}
    return {**config, **mapping, "model": {**config.get("model", {}), **model}}, notes


def _read(path: str, registries: Registries) -> tuple[dict[str, Any], list[str]]:
    """The config in the file. Vocabularies are expected beside it; without them the ids are learnt from the data."""
    message = read_input_config(path)
    try:
        mapping = to_mapping(message, registries)
    except SpecError as error:
        raise SpecError([f"{path}: {line}" for line in error.problems]) from None
    folder = Path(path).expanduser().resolve().parent
    notes = []
    for group in mapping["groups"].values():
        for name, feature in group["features"].items():
            if feature.get("vocab_name") is None:
                continue
            file = folder / feature["vocab_name"]
            if file.is_file():
                feature["vocab_name"] = str(file)
                continue
            notes.append(f"{name}: there is no vocabulary {file}, so the ids are learnt from the data")
            del feature["vocab_name"]
            if feature["type"] == "int" and (size := feature.pop("vocab_size", None)) is not None:
                # Without a file, vocab_size would make the integers their own ids.
                feature["max_vocabulary"] = min(size - 1, feature.get("max_vocabulary") or size - 1)
    return mapping, notes
