"""Writes report.html: the results of a run, in one file that needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from recframe.files.whole import write_text
from recframe.reporting.figures import (
    EXPORT_HEADINGS,
    export_rows,
    format_half_interval,
    format_metric,
    seen_items_text,
)
from recframe.reporting.verdict import verdict
from recframe.runs.place import REPORT
from recframe.runs.run import Run
from recframe.spec.convert import unstructure

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 58rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .2rem 1rem .2rem 0; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 1px solid; white-space: normal; vertical-align: bottom; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8884; border-radius: .4rem; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
"""


def write_report(run: Run, folder: Path) -> None:
    """Write the metrics of the model and the comparators, the training curves, the exported models and the spec."""
    metrics = run.metrics
    sentence = verdict(metrics, run.spec)
    counts = metrics["counts"]
    exports = export_rows(metrics.get("exports", {}))
    watched = next((name for name in (run.history or [{}])[0] if name.startswith("ndcg")), "")
    encoders = ", ".join(encoder.type for encoder in run.spec.encoders.values())
    parts = [
        f"<h1>{escape(encoders)} on {escape(run.spec.dataset.type)}</h1>",
        f"<p>{counts['users']:,} users, {counts['items']:,} items, {counts['interactions']:,} interactions; "
        f"{counts['parameters']:,} parameters.</p>",
        f"<p><strong>Unfinished: {escape(metrics['unfinished'])}.</strong></p>" if "unfinished" in metrics else "",
        f"<p><strong>{escape(sentence[0].upper() + sentence[1:])}.</strong></p>" if sentence else "",
        *_quality(metrics, run.data.exclude_seen),
        "<h2>Training</h2>",
        _curve([point["loss"] for point in run.history], "loss"),
        _curve([point[watched] for point in run.history], f"validation {watched}"),
        "<h2>Exports</h2>",
        f"<p>Compared with the trained model on {_num_compared(metrics)} held-out histories. Recall and ids kept "
        "are measured on the test targets: the exported model is called as an app calls it, with the raw ids of whole "
        "histories. p50 and p99 are times of a call on one thread of this machine.</p>",
        _table(EXPORT_HEADINGS, exports),
        "<h2>Spec</h2>",
        f"<pre>{escape(yaml.safe_dump(unstructure(run.spec), sort_keys=False))}</pre>",
    ]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>recframe run</title><style>{STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )
    write_text(folder / REPORT, page)


def _num_compared(metrics: Mapping[str, Any]) -> int:
    return max((export["histories"] for export in metrics.get("exports", {}).values()), default=0)


def _quality(metrics: Mapping[str, Any], exclude_seen: bool) -> list[str]:
    test, baselines = metrics["test"], metrics["baselines"]
    rows = [
        (
            name,
            " ± ".join(filter(None, (format_metric(name, value), format_half_interval(test, name)))),
            *(format_metric(name, of.get(name)) for of in (*baselines.values(), metrics["validation"])),
        )
        for name, value in test.items()
        if isinstance(value, float)
    ]
    return [
        f"<h2>Quality</h2><p>On the test targets, over the whole catalogue, {seen_items_text(exclude_seen)}. Ties "
        "count against the model. ± is half the 95 % interval of a bootstrap over users.</p>",
        _table(("metric", "model", *baselines, "model, validation"), rows),
        _other_setting(test, exclude_seen),
        *_segments(test.get("segments", {}), baselines),
    ]


def _other_setting(test: Mapping[str, Any], exclude_seen: bool) -> str:
    """A sentence with the model's figures for the opposite value of `exclude_seen`."""
    other = test.get("with_seen" if exclude_seen else "without_seen", {})
    figures = ", ".join(
        f"{name} {format_metric(name, other[name])}" for name in other if name.startswith(("recall@", "ndcg@"))
    )
    setting = f"exclude_seen={str(not exclude_seen).lower()} ({seen_items_text(not exclude_seen)})"
    return f"<p>With {setting}: {escape(figures)}.</p>" if figures else ""


def _segments(segments: Mapping[str, Any], baselines: Mapping[str, Any]) -> list[str]:
    """A table with the ndcg of the model and the comparators in each segment, at the K nearest to 10."""
    if not segments:
        return []
    first = next(iter(next(iter(segments.values())).values()))
    watched = min((name for name in first if name.startswith("ndcg@")), key=lambda name: abs(int(name[5:]) - 10))
    rows = [
        (
            f"{kind.replace('_', ' ')}: {name}",
            f"{figures['targets']:,}",
            *(format_metric(watched, of[kind][name][watched]) for of in (segments, *_segments_of(baselines))),
        )
        for kind, parts in segments.items()
        for name, figures in parts.items()
    ]
    return ["<h2>Segments of the test targets</h2>", _table((watched, "targets", "model", *baselines), rows)]


def _segments_of(baselines: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [baseline["segments"] for baseline in baselines.values()]


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    top = "".join(f"<th>{escape(cell.replace('_', ' '))}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _curve(values: list[float], title: str) -> str:
    """An SVG curve over the epochs, with its smallest and largest value at the side."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    points = " ".join(
        f"{60 + 560 * i / (len(values) - 1):.1f},{150 - 120 * (value - low) / span:.1f}"
        for i, value in enumerate(values)
    )
    return (
        f'<svg viewBox="0 0 640 190" role="img" aria-label="{escape(title)} by epoch">'
        f'<text x="60" y="16">{escape(title)}</text>'
        f'<text x="0" y="34">{high:.4f}</text><text x="0" y="154">{low:.4f}</text>'
        f'<text x="60" y="178">epoch 1</text><text x="590" y="178">{len(values)}</text>'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/></svg>'
    )
