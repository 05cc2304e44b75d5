"""Checks before an export that apps encode values as training did.

Training encodes a value with its feature type, which may be a plugin's. An app has only the vocabulary and the
statistics, so `recframe.runtime` encodes each value with these, and the codes are compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.errors import ExportError
from recframe.export.checks.asking import encoded
from recframe.export.histories.app_histories import EncodedHistories
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import RawHistory
from recframe.runtime.answers import BundleError
from recframe.runtime.recommender import Recommender
from recframe.spec.experiment import ExperimentSpec

#: Largest difference of a float32 input, absolute and relative.
TOLERANCE = 1e-6


def require_same_codes(trained: TrainedModel, recommender: Recommender, histories: EncodedHistories) -> None:
    """Compare the inputs that training and an app make of the same histories.

    Raises:
        ExportError: where they differ, with the feature, its type, the provider of the type, and a value.
    """
    raw = histories.raw
    try:
        read = encoded(recommender, raw)
    except BundleError as error:
        whose = f"{_named(trained, error.input)}: " if error.input in _types(trained.spec) else ""
        raise ExportError(f"{whose}apps cannot read what training read: {error}; {_ADVICE}") from None
    for name in _types(trained.spec):
        differing = ~np.isclose(read[name], histories.inputs[name], rtol=TOLERANCE, atol=TOLERANCE)
        if differing.any():
            row, *place = np.argwhere(differing)[0].tolist()
            code, other = (inputs[(row, *place)].item() for inputs in (histories.inputs[name], read[name]))
            raise ExportError(
                f"{_named(trained, name)}: {_worded(recommender, name, raw[row])} is {code} in training "
                f"and {other} in apps; {_ADVICE}"
            )


_ADVICE = (
    "the codes of a feature type must follow from its vocabulary and statistics as `recframe.runtime.encoding` reads "
    "them, as apps have nothing else; nothing exported"
)


def _types(spec: ExperimentSpec) -> dict[str, str]:
    return {name: feature.type for group in spec.groups.values() for name, feature in group.features.items()}


def _named(trained: TrainedModel, feature: str) -> str:
    type_name = _types(trained.spec)[feature]
    return f"feature {feature!r} of type `{type_name}` ({trained.registries.features.source(type_name)})"


def _worded(recommender: Recommender, name: str, raw: RawHistory) -> str:
    if len(raw.items) > 1:
        return f"a step of a history of {len(raw.items)} items"
    return f"the value {_value(recommender, name, raw)!r}"


def _value(recommender: Recommender, name: str, raw: RawHistory) -> Any:
    """The raw value of a feature in a history of one item."""
    if name in raw.values:
        return raw.values[name][0]
    source = next(spec["source"] for spec in recommender.interface["inputs"] if spec["name"] == name)
    item = raw.items[0]
    return item if source == "item" else recommender.items.get(str(recommender.label_of(item)), {}).get(source)
