"""Items that a user had before: how often they are repeated, and whether they may be recommended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from recframe.data.splits import Split
from recframe.interactions.interactions import TEST, TRAIN, VALIDATION, Interactions
from recframe.interactions.sorting import first_of_pairs
from recframe.spec.experiment import AUTO

#: Share of the training targets from which on `exclude_seen=auto` lets seen items be recommended. Leaving seen items
#: out loses every target that is a repeat, and gains the places that seen items would take in the lists.
COMMON = 0.1


@frozen
class SeenItems:
    """Whether items that the user had are left out of what is recommended, and what that costs.

    Attributes:
        setting: `exclude_seen` of the spec: true, false or `auto`.
        excluded: The decision.
        repeat_share: Share of the training targets that are items which the user had before.
        repeats: By name of the part: how many of its targets are such items. While seen items are left out, no list
            holds these targets.
        targets: By name of the part: how many targets it has.
    """

    setting: bool | str
    excluded: bool
    repeat_share: float
    repeats: Mapping[str, int]
    targets: Mapping[str, int]

    @property
    def summary(self) -> dict[str, Any]:
        """What metrics.json says of it."""
        unreachable = self.repeats if self.excluded else dict.fromkeys(self.repeats, 0)
        return {
            "setting": self.setting,
            "excluded": self.excluded,
            "repeat_share": self.repeat_share,
            "repeats": dict(self.repeats),
            "unreachable": dict(unreachable),
        }

    def notes(self) -> Iterator[str]:
        """The lines for the user."""
        if self.setting == AUTO:
            share = f"{self.repeat_share:.1%}" if self.repeat_share else "none"
            decision = "are left out of lists and figures" if self.excluded else "may be recommended again"
            yield (
                f"exclude_seen=auto: {share} of the training targets are items that the user had before, so seen items "
                f"{decision}"
            )
        unreachable = [
            f"{count:,} of {self.targets[part]:,} {part} targets" for part, count in self.repeats.items() if count
        ]
        if self.excluded and unreachable:
            yield (
                f"{' and '.join(unreachable)} are items that the user had before: they cannot be reached while seen "
                "items are left out, and count as missed (exclude_seen=false allows them)"
            )


def seen_items(setting: bool | str, interactions: Interactions, split: Split, labels: np.ndarray) -> SeenItems:
    """Decide whether seen items are left out.

    Args:
        setting: `exclude_seen` of the spec.
        labels: int32 [events] label ids; 0 is outside the vocabulary, and no target.
    """
    repeat = repeated(interactions)
    repeats, targets = {}, {}
    for part, name in ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test")):
        target = split.is_target(part, interactions.offsets) & (labels > 0)
        repeats[name], targets[name] = int(np.count_nonzero(target & repeat)), int(np.count_nonzero(target))
    share = repeats.pop("training") / max(targets["training"], 1)
    excluded = share < COMMON if setting == AUTO else bool(setting)
    return SeenItems(setting, excluded, share, repeats, targets)


def repeated(interactions: Interactions) -> np.ndarray:
    """bool [events]: whether an earlier event of the user is of the same item."""
    return ~first_of_pairs(interactions.offsets, interactions.item)
