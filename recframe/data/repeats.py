"""Repeated items: how often users return to an item that they had before, and whether it may be recommended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from recframe.data.splits import Split
from recframe.interactions.interactions import TEST, TRAIN, VALIDATION, Interactions
from recframe.interactions.sorting import first_of_pairs
from recframe.spec.experiment import AUTO

#: `exclude_seen=auto` allows seen items if at least this share of the training targets are repeats. Excluding seen
#: items loses every target that is a repeat, but frees the positions in the list that seen items would take.
COMMON_SHARE = 0.1


@frozen
class SeenItems:
    """Whether seen items are excluded from recommendations, and how many targets that makes unreachable.

    Attributes:
        setting: `exclude_seen` of the spec: true, false or `auto`.
        excluded: Whether seen items are excluded.
        repeat_share: Share of the training targets whose item the user had before.
        repeats: For validation and test: the number of targets whose item the user had before. No recommendation
            contains these targets if seen items are excluded.
        targets: For each part: its number of targets.
    """

    setting: bool | str
    excluded: bool
    repeat_share: float
    repeats: Mapping[str, int]
    targets: Mapping[str, int]

    @property
    def summary(self) -> dict[str, Any]:
        """The entry in metrics.json."""
        unreachable = self.repeats if self.excluded else dict.fromkeys(self.repeats, 0)
        return {
            "setting": self.setting,
            "excluded": self.excluded,
            "repeat_share": self.repeat_share,
            "repeats": dict(self.repeats),
            "unreachable": dict(unreachable),
        }

    def notes(self) -> Iterator[str]:
        """Notes for the user."""
        if self.setting == AUTO:
            share = f"{self.repeat_share:.1%}" if self.repeat_share else "none"
            decision = "are not recommended" if self.excluded else "may be recommended again"
            yield (
                f"exclude_seen=auto: {share} of the training targets are items that the user had before, so seen items "
                f"{decision}"
            )
        unreachable = [
            f"{count:,} of {self.targets[part]:,} {part} targets" for part, count in self.repeats.items() if count
        ]
        if self.excluded and unreachable:
            yield (
                f"{' and '.join(unreachable)} are items that the user had before: seen items are not recommended, so "
                "these targets count as missed (exclude_seen=false allows them)"
            )


def seen_items(setting: bool | str, interactions: Interactions, split: Split) -> SeenItems:
    """Decide whether seen items are excluded.

    Args:
        setting: `exclude_seen` of the spec.
    """
    repeat = repeated(interactions)
    repeats, targets = {}, {}
    for part, name in ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test")):
        target = split.is_target(part, interactions.offsets)
        repeats[name], targets[name] = int(np.count_nonzero(target & repeat)), int(np.count_nonzero(target))
    share = repeats.pop("training") / max(targets["training"], 1)
    excluded = share < COMMON_SHARE if setting == AUTO else bool(setting)
    return SeenItems(setting, excluded, share, repeats, targets)


def repeated(interactions: Interactions) -> np.ndarray:
    """bool [events]: whether the user has an earlier event with the same item."""
    return ~first_of_pairs(interactions.offsets, interactions.item)
