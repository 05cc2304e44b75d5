"""How figures are written for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shown_figure(name: str, value: float | None) -> str:
    """The figure of a metric; empty where there is none."""
    if value is None:
        return ""
    return f"{value:,.1f}" if name == "mean_rank" else f"{value:.4f}"


def half_interval(figures: Mapping[str, Any], name: str) -> str:
    """Half the width of the metric's 95 % interval; empty where there is none."""
    ends = figures.get("intervals", {}).get(name)
    return f"{(ends[1] - ends[0]) / 2:.4f}" if ends else ""
