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


def seen_words(excluded: bool) -> str:
    """Whether items that the user had are among those that were ranked."""
    return "seen items left out" if excluded else "seen items ranked too"


#: What `export_rows` gives, in columns.
EXPORT_HEADINGS = ("exported", "KB", "p50 µs", "p99 µs", "ids kept", "recall", "lost", "")


def export_rows(exports: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """A row for each exported model: size, latency of a call on one thread, and how good it is beside the trained one.

    Args:
        exports: Figures by `exporter/variant`, as metrics.json has them.
    """
    several = len(exports) > 1
    return [
        (
            name,
            f"{export['bytes'] / 1000:,.1f}",
            *(f"{export[key]:,.0f}" if key in export else "" for key in ("p50_us", "p99_us")),
            f"{export['overlap']:.2%}",
            *_recall(export),
            "chosen" if several and export.get("chosen") and name.startswith("tflite/") else "",
        )
        for name, export in exports.items()
    ]


def _recall(export: Mapping[str, Any]) -> tuple[str, str]:
    name = next((key for key in export if key.startswith("recall@") and f"{key}_drop" in export), None)
    if name is None:
        return "", ""
    drop = export[f"{name}_drop"]
    return f"{export[name]:.4f}", f"{drop if abs(drop) >= 5e-5 else 0:.2%}"
