"""Writes the distribution of a new plugin from `templates/`: there, each kind is called `mine`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from recframe.errors import FolderError, PluginError, UnknownNameError
from recframe.errors.nearest import suggestion
from recframe.files.whole import PART, hidden, remove
from recframe.plugin.manager import load_plugins

TEMPLATES = Path(__file__).parent / "templates"
#: The kinds that there are templates of, and the override that uses a contribution called `mine`.
KINDS: Mapping[str, str] = {
    "encoder": "encoder=mine",
    "loss": "loss=mine",
    "feature": "groups.history.features.item.type=mine",
    "dataset": "dataset=mine",
    "exporter": "'exporters=[tflite,mine]'",
}
_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


def new_plugin(kind: str, name: str, parent: str | os.PathLike[str] = ".") -> Path:
    """Write the distribution `recframe-NAME` to a folder of that name, and return the folder.

    It has a contribution that works, a test, a README and types; `pip install` and `recframe check` take it as it is.

    Args:
        kind: encoder, loss, feature, dataset or exporter.
        name: Of the contribution, as `encoder=NAME`. A dash counts as an underscore there.
        parent: The folder to write the new one to.

    Raises:
        UnknownNameError: for another kind.
        PluginError: for a name that is no name, or that an installed contribution of the kind has.
        FolderError: where the folder exists already.
    """
    if kind not in KINDS:
        raise UnknownNameError(f"{kind!r} is no kind of plugin{suggestion(kind, KINDS)}; there are {', '.join(KINDS)}")
    if not _NAME.fullmatch(name):
        raise PluginError(
            f"{name!r} is no name for a plugin: it is lower-case letters and digits, begins with a letter, and has "
            "single dashes or underscores between words, as my_encoder"
        )
    registry, own = load_plugins().of(kind), name.replace("-", "_")
    if own in registry:
        raise PluginError(f"{kind} {own!r} is there already, of {registry.source(own)}; choose another name")
    place = Path(parent) / f"recframe-{name.replace('_', '-')}"
    if os.path.lexists(place):
        raise FolderError(f"{place} exists already; choose another name, or move it away")
    part = hidden(place, PART)
    remove(part)  # of a process that was killed
    try:
        for path, text in _files(kind, own):
            (part / path).parent.mkdir(parents=True, exist_ok=True)
            (part / path).write_text(text, encoding="utf-8", newline="\n")
        part.rename(place)
    finally:
        remove(part)
    return place


def _files(kind: str, name: str) -> Iterator[tuple[str, str]]:
    """Each file of the distribution, by its path in the folder."""
    places = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{kind}.py": f"recframe_{name}.py",
        "test_mine.py": f"tests/test_{name}.py",
    }
    for template, path in places.items():
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        if template != f"{kind}.py":  # what all kinds share is written for an encoder
            text = text.replace(KINDS["encoder"], KINDS[kind]).replace("encoder", kind)
            text = text.replace("Encoder", kind.title()).replace("ENCODER", kind.upper())
        text = text.replace("recframe-mine", f"recframe-{name.replace('_', '-')}")
        yield path, text.replace("mine", name).replace("Mine", name.title().replace("_", ""))
