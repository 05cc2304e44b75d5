"""How figures are written for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What is shown of a run: the parts of metrics.json that must be there, and what each of them must have.
_PARTS = {
    "counts": ("users", "items", "interactions", "parameters"),
    "baselines": (),
    "validation": ("mean_rank",),
    "test": ("mean_rank",),
}
_EXPORT = ("bytes", "overlap", "histories")


def require_figures(metrics: object) -> None:
    """Raise ValueError where metrics.json, which anyone may have written, does not hold figures as recframe does.

    What is shown of it in a terminal and in report.html is numbers, and names that are escaped there.
    """
    if not isinstance(metrics, dict):
        raise ValueError("expected an object")
    if not metrics:
        return  # of a run that has measured nothing yet
    exports, history = metrics.get("exports", {}), metrics.get("training", [])
    if not isinstance(exports, dict) or not isinstance(history, list):
        raise ValueError("expected an object of exports, and a list under training")
    parts = {name: (metrics.get(name), keys) for name, keys in _PARTS.items() if "test" in metrics}
    parts |= {f"exports.{name}": (found, _EXPORT) for name, found in exports.items()}
    parts |= {f"training.{place}": (point, ("epoch", "loss")) for place, point in enumerate(history)}
    for name, (part, keys) in parts.items():
        if not isinstance(part, dict):
            raise ValueError(f"{name}: expected an object of figures")
        if missing := [key for key in keys if not isinstance(part.get(key), int | float)]:
            raise ValueError(f"{name}.{missing[0]}: expected a number")
        _require_numbers(name, part)


def _require_numbers(where: str, value: object) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _require_numbers(f"{where}.{name}", part)
    elif isinstance(value, list):
        for part in value:
            _require_numbers(where, part)
    elif value is not None and not isinstance(value, int | float):
        raise ValueError(f"{where}: expected a number, got {value!r:.80}")


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
            f"{found['bytes'] / 1000:,.1f}",
            *(f"{found[key]:,.0f}" if key in found else "" for key in ("p50_us", "p99_us")),
            f"{found['overlap']:.2%}",
            *_recall(found),
            "chosen" if several and found.get("chosen") and name.startswith("tflite/") else "",
        )
        for name, found in exports.items()
    ]


def _recall(found: Mapping[str, Any]) -> tuple[str, str]:
    name = next((key for key in found if key.startswith("recall@") and not key.endswith("_drop")), None)
    if name is None:
        return "", ""
    drop = found[f"{name}_drop"]
    return f"{found[name]:.4f}", f"{drop if abs(drop) >= 5e-5 else 0:.2%}"
