"""Formats figures for the terminal and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def format_metric(name: str, value: float | None) -> str:
    """The value of a metric as text; empty if there is no value."""
    if value is None:
        return ""
    return f"{value:,.1f}" if name == "mean_rank" else f"{value:.4f}"


def format_half_interval(figures: Mapping[str, Any], name: str) -> str:
    """Half the width of the metric's 95 % interval as text; empty if there is no interval."""
    ends = figures.get("intervals", {}).get(name)
    return f"{(ends[1] - ends[0]) / 2:.4f}" if ends else ""


def usual_cutoff(test: Mapping[str, Any]) -> int:
    """The K that is shown where there is room for one: 10 if it was measured, else the largest."""
    measured = {int(name.partition("@")[2]) for name in test if name.startswith("recall@")}
    return 10 if 10 in measured else max(measured, default=10)


def seen_items_text(excluded: bool) -> str:
    """A text that says whether items that the user had were ranked."""
    return "seen items left out" if excluded else "seen items ranked too"


#: The headings of the columns of `export_rows`.
EXPORT_HEADINGS = ("exported", "KB", "p50 µs", "p99 µs", "ids kept", "recall", "lost", "")


def export_rows(exports: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """A row for each exported model: size, latency of a call on one thread, and quality against the trained model.

    Args:
        exports: Figures by `exporter/variant`, as in metrics.json.
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
