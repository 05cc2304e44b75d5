"""An app, and metrics, in plain Python: what a bundle answers, and what is right, without any code of recframe.

The app reads the manifest as docs/bundle.md and docs/exporting.md describe it.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

K = 10
Run = Callable[[str, Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]


@dataclass
class Target:
    """An event that is predicted.

    Attributes:
        history: Raw ids of the user's events before, oldest first.
        values: Raw values by input, of the inputs that the bundle has no values for: one value for each event of the
            history, or one for the user.
        times: Unix seconds of the history's events.
        now: Unix seconds of the event itself, which is the moment of asking.
    """

    item: str
    history: list[str]
    values: dict[str, list[Any]] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    now: int = 0


class App:
    """Asks a model of a bundle.

    Args:
        run: From a signature and its inputs to its outputs.
    """

    def __init__(self, bundle: Path, run: Run) -> None:
        self.manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
        self.run = run
        self.lines = {
            path.stem: path.read_text(encoding="utf-8").split("\n")[:-1] for path in (bundle / "vocab").glob("*.txt")
        }
        self.labels = self.lines["label"]
        self.label_of = {text: label for label, text in enumerate(self.labels) if label}
        items = bundle / "items.json"
        self.items = json.loads(items.read_text(encoding="utf-8")) if items.exists() else {}

    def inputs(self, target: Target) -> dict[str, np.ndarray]:
        return {spec["name"]: self._input(spec, target) for spec in self.manifest["inputs"]}

    def _input(self, spec: Mapping[str, Any], target: Target) -> np.ndarray:
        values: Sequence[Any]
        if spec["source"] == "item":
            values = target.history
        elif spec["scope"] == "now":
            moment = datetime.datetime.fromtimestamp(target.now, datetime.UTC)
            away = target.now - target.times[-1]
            values = [{"hour": moment.hour, "weekday": moment.weekday(), "time_since_previous": away}[spec["source"]]]
        elif spec["name"] in target.values:
            values = target.values[spec["name"]]
        else:
            values = [self.items[str(self.label_of[item])][spec["source"]] for item in target.history]
        array = np.zeros(spec["shape"], spec["dtype"])
        codes = [self._code(spec, value) for value in (values[-spec["steps"] :] if spec["steps"] else values)]
        array[0, : len(codes)] = codes
        return array

    def _code(self, spec: Mapping[str, Any], value: Any) -> float:
        if spec["vocabulary"]:
            lines = self.lines[spec["name"]]
            return lines.index(str(value)) if str(value) in lines[1:] else 0
        mean, deviation = (spec["statistics"].get(name, of) for name, of in (("mean", 0), ("deviation", 1)))
        scaled = (float(value) - mean) / deviation
        return scaled if scaled or "mean" not in spec["statistics"] else 1e-6

    def recommend(self, target: Target) -> list[str]:
        """The ten best raw ids, best first."""
        arrays = self.inputs(target)
        excluded = self.manifest["exclude_seen"] and len(target.history) > self.manifest["excluded_events"]
        if not excluded:
            ids = self.run("serving_default", arrays)["top_prediction_ids"].reshape(-1)
            return [self.labels[label] for label in ids[:K] if label]
        scores = np.array(self.run("scores", arrays)["scores"]).reshape(-1)
        scores[[self.label_of[item] for item in target.history]] = -1e30
        order = sorted(np.flatnonzero(scores > -1e29), key=lambda label: (-scores[label], label))
        return [self.labels[label] for label in order[:K]]


def figures(ranks: Sequence[int | None]) -> dict[str, float]:
    """recall@10 and ndcg@10 of ranks from 1; None is a miss."""
    hits = [rank for rank in ranks if rank is not None and rank <= K]
    return {
        "recall@10": len(hits) / len(ranks),
        "ndcg@10": sum(1 / math.log2(rank + 1) for rank in hits) / len(ranks),
    }


def rank_in(answer: Sequence[str | int], item: str | int) -> int | None:
    return list(answer).index(item) + 1 if item in answer else None


def popularity_ranks(
    counts: Mapping[str, int], items: set[str], targets: Sequence[Target], exclude_seen: bool
) -> list[int | None]:
    """Ranks by training events, equal counts against the target; None where the target is left out."""
    ranks: list[int | None] = []
    for target in targets:
        seen = set(target.history) if exclude_seen else set()
        of_target = counts.get(target.item, 0)
        better = sum(counts.get(item, 0) >= of_target for item in items - seen)
        ranks.append(None if target.item in seen else better)
    return ranks
