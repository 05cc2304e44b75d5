"""The vocabularies that a run saves in its folder, so that a later run on more data can keep the ids.

`vocab/<feature>.txt` and `vocab/label.txt` have one value per line; the line number, from 0, is the id, as in a bundle.
`vocab/features.json` has the other properties of the features, so that the model can be built without the data.
`vocab/SHA256SUMS` has the digest of each file.
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

#: The name of the folder in a run folder.
VOCABULARIES = "vocab"
_FEATURES = "features.json"
#: The digests of the other files.
_SUMS = "SHA256SUMS"
_KEPT = ("dtype", "length", "flattened", "values", "statistics")


@frozen(eq=False)
class Vocabularies:
    """The vocabularies of a run.

    Attributes:
        labels: The raw id of each label id; id 0 is padding and unknown.
        features: The inputs of the model. If they were read from a folder, their spec has only type and source.
    """

    labels: tuple[str, ...]
    features: Mapping[str, FeatureInfo]

    def write(self, run: Path) -> None:
        """Write `vocab/` into a run folder, whole or not at all.

        Raises:
            DataError: A value contains a line break.
        """
        part = hidden(run / VOCABULARIES, PART)
        remove(part)
        part.mkdir(parents=True)
        try:
            write_lines(self.labels, self.features, part)
            kept = {name: _properties(name, feature) for name, feature in self.features.items()}
            (part / _FEATURES).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            write_sums(part, _SUMS)
            sync_tree(part)
            replace_folder(part, run / VOCABULARIES)
        except BaseException:
            remove(part)
            raise

    @classmethod
    def read(cls, run: Path) -> Vocabularies:
        """Read the vocabularies in a run folder.

        Raises:
            SpecError: The folder holds no run or no vocabularies, or a file has changed since it was written.
        """
        folder = run / VOCABULARIES
        if not (run / "config.yaml").exists():
            raise SpecError(f"{run}: not a run folder (config.yaml is missing)")
        if not (folder / _FEATURES).exists():
            raise SpecError(
                f"{run}: the run has no vocabularies ({VOCABULARIES}/{_FEATURES} is missing): it stopped too early, or "
                "an older version of recframe trained it; train it again"
            )
        try:
            if other := first_changed_file(folder, _SUMS):
                raise SpecError(f"{folder / other}: differs from what the run wrote (sha256); train again")
            kept_features = parse_json((folder / _FEATURES).read_text(encoding="utf-8"))
            return cls(
                _read_lines(folder / "label.txt"),
                {name: _read_feature(kept, folder) for name, kept in kept_features.items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SpecError(f"{folder}: cannot be read: {type(error).__name__}: {error}; train again") from None


def write_lines(labels: tuple[str, ...], features: Mapping[str, FeatureInfo], folder: Path) -> None:
    """Write a text file for each vocabulary.

    Raises:
        DataError: A value contains a line break, or a feature is named `label`.
    """
    vocabularies = {name: feature.vocabulary for name, feature in features.items() if feature.vocabulary}
    if "label" in vocabularies:
        raise DataError("feature 'label': vocab/label.txt is the file of the recommended items; rename the feature")
    for name, vocabulary in {**vocabularies, "label": labels}.items():
        if bad := next((value for value in vocabulary if "\n" in value or "\r" in value), None):
            raise DataError(
                f"feature {name!r}: the value {bad!r} contains a line break, but vocab/{name}.txt has one value "
                "per line; remove the line break from the data"
            )
        (folder / f"{name}.txt").write_text("".join(f"{value}\n" for value in vocabulary), encoding="utf-8")


def without_hash_buckets(feature: FeatureInfo | EncodedFeature) -> tuple[str, ...]:
    """The vocabulary without its hash buckets."""
    vocabulary, first = feature.vocabulary or (), feature.statistics.get("hash_from")
    return vocabulary[: int(first)] if isinstance(first, int | float) else vocabulary


def _read_lines(path: Path) -> tuple[str, ...]:
    # `splitlines` would also split a value at other characters, such as U+2028.
    return tuple(path.read_bytes().decode().split("\n")[:-1])


def _properties(name: str, feature: FeatureInfo) -> dict[str, Any]:
    where = f"{name}.txt" if feature.vocabulary else None
    spec = {"type": feature.spec.type, "source": feature.spec.source, "vocabulary": where}
    return spec | {key: getattr(feature, key) for key in _KEPT}


def _read_feature(kept: Mapping[str, Any], folder: Path) -> FeatureInfo:
    vocabulary = None if kept["vocabulary"] is None else _read_lines(folder / kept["vocabulary"])
    spec = FeatureSpec(kept["type"], None, source=kept["source"])
    return FeatureInfo(spec, vocabulary=vocabulary, **{key: kept[key] for key in _KEPT})
