"""What every id of a run stands for, as text in the run's folder: a later run, whose data has grown, goes on from it.

`vocab/<feature>.txt` and `vocab/label.txt` have a value a line, whose number from 0 is the id, as those of a bundle;
`vocab/features.json` has what else a feature is, so that the model can be built again without the data, and
`vocab/SHA256SUMS` the digest of each file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from recframe.errors import DataError, SpecError
from recframe.files.digests import first_changed_file, write_sums
from recframe.files.json_text import parse_json
from recframe.files.whole import PART, hidden, remove, replace_folder, sync_tree
from recframe.plugin.catalogue import FeatureInfo
from recframe.plugin.types import EncodedFeature
from recframe.spec.experiment import FeatureSpec

#: The folder in a run folder.
VOCABULARIES = "vocab"
_FEATURES = "features.json"
#: The digests of the other files.
_SUMS = "SHA256SUMS"
_KEPT = ("dtype", "length", "flattened", "values", "statistics")


@frozen(eq=False)
class Vocabularies:
    """The ids of a run.

    Attributes:
        labels: Raw id of each label id; id 0 stands for padding and unknown.
        features: The inputs of the model; read from a folder, their spec has type and source alone.
    """

    labels: tuple[str, ...]
    features: Mapping[str, FeatureInfo]

    def write(self, run: Path) -> None:
        """Write `vocab/` into a run folder, whole or not at all.

        Raises:
            DataError: where a value cannot stand in a line.
        """
        part = hidden(run / VOCABULARIES, PART)
        remove(part)
        part.mkdir(parents=True)
        try:
            write_lines(self.labels, self.features, part)
            kept = {name: _plain(name, feature) for name, feature in self.features.items()}
            (part / _FEATURES).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            write_sums(part, _SUMS)
            sync_tree(part)
            replace_folder(part, run / VOCABULARIES)
        except BaseException:
            remove(part)
            raise

    @classmethod
    def read(cls, run: Path) -> Vocabularies:
        """Those that a run folder keeps.

        Raises:
            SpecError: where there is no run, it keeps none, or a file is not as it was written.
        """
        folder = run / VOCABULARIES
        if not (run / "config.yaml").exists():
            raise SpecError(f"{run}: no run folder (config.yaml is missing)")
        if not (folder / _FEATURES).exists():
            raise SpecError(
                f"{run}: the run keeps no vocabularies ({VOCABULARIES}/{_FEATURES} is missing): it stopped too early, "
                "or an older recframe trained it; train it again"
            )
        try:
            if other := first_changed_file(folder, _SUMS):
                raise SpecError(f"{folder / other}: differs from what the run wrote (sha256); train again")
            kept_features = parse_json((folder / _FEATURES).read_text(encoding="utf-8"))
            return cls(
                _lines(folder / "label.txt"), {name: _feature(kept, folder) for name, kept in kept_features.items()}
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SpecError(f"{folder}: cannot be read: {type(error).__name__}: {error}; train again") from None


def write_lines(labels: tuple[str, ...], features: Mapping[str, FeatureInfo], folder: Path) -> None:
    """A text file for each vocabulary.

    Raises:
        DataError: where a value holds a line break, or a feature has the name of the labels' file.
    """
    vocabularies = {name: feature.vocabulary for name, feature in features.items() if feature.vocabulary}
    if "label" in vocabularies:
        raise DataError("feature 'label': vocab/label.txt is of the items that come out; give the feature another name")
    for name, vocabulary in {**vocabularies, "label": labels}.items():
        if bad := next((value for value in vocabulary if "\n" in value or "\r" in value), None):
            raise DataError(
                f"feature {name!r}: the value {bad!r} holds a line break and cannot stand in vocab/{name}.txt"
            )
        (folder / f"{name}.txt").write_text("".join(f"{value}\n" for value in vocabulary), encoding="utf-8")


def own_values(feature: FeatureInfo | EncodedFeature) -> tuple[str, ...]:
    """The vocabulary without the ids that values outside share by their hash."""
    vocabulary, first = feature.vocabulary or (), feature.statistics.get("hash_from")
    return vocabulary[: int(first)] if isinstance(first, int | float) else vocabulary


def _lines(path: Path) -> tuple[str, ...]:
    # Not `splitlines`, which parts a value at further characters.
    return tuple(path.read_bytes().decode().split("\n")[:-1])


def _plain(name: str, feature: FeatureInfo) -> dict[str, Any]:
    where = f"{name}.txt" if feature.vocabulary else None
    spec = {"type": feature.spec.type, "source": feature.spec.source, "vocabulary": where}
    return spec | {key: getattr(feature, key) for key in _KEPT}


def _feature(kept: Mapping[str, Any], folder: Path) -> FeatureInfo:
    vocabulary = None if kept["vocabulary"] is None else _lines(folder / kept["vocabulary"])
    spec = FeatureSpec(kept["type"], None, source=kept["source"])
    return FeatureInfo(spec, vocabulary=vocabulary, **{key: kept[key] for key in _KEPT})
