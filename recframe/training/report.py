"""report.html: what a run did, in one file that needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from recframe.converter import unstructure
from recframe.training.run import Run
from recframe.training.run_folder import write_text

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .2rem 1rem .2rem 0; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 1px solid; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8884; border-radius: .4rem; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
"""


def write_report(run: Run, folder: Path) -> None:
    """Metrics beside popularity, the course of training, the exported models, and the spec."""
    metrics = run.metrics
    counts = metrics["counts"]
    popularity = metrics["baselines"]["popularity"]
    rows = [
        (name, _number(name, value), _number(name, popularity[name]), _number(name, metrics["validation"][name]))
        for name, value in metrics["test"].items()
        if isinstance(value, float)
    ]
    exports = [
        (name, f"{f['bytes'] / 1000:,.1f}", f"{f['overlap']:.2%}", f"{f['max_score_difference']:.1e}", f["histories"])
        for name, f in metrics.get("exports", {}).items()
    ]
    watched = next((name for name in (run.history or [{}])[0] if name.startswith("ndcg")), "")
    encoders = ", ".join(group.encoder.type for group in run.spec.groups.values())
    parts = [
        f"<h1>{escape(encoders)} on {escape(run.spec.dataset.type)}</h1>",
        f"<p>{counts['users']:,} users, {counts['items']:,} items, {counts['interactions']:,} interactions; "
        f"{counts['parameters']:,} parameters.</p>",
        "<h2>Quality</h2><p>Over the whole catalogue, items already seen left out, ties against the model.</p>",
        _table(("metric", "test", "popularity, test", "validation"), rows),
        "<h2>Training</h2>",
        _curve([point["loss"] for point in run.history], "loss"),
        _curve([point[watched] for point in run.history], f"validation {watched}"),
        "<h2>Exports</h2>",
        _table(("model", "KB", "top ids kept", "largest score difference", "histories"), exports),
        "<h2>Spec</h2>",
        f"<pre>{escape(yaml.safe_dump(unstructure(run.spec), sort_keys=False))}</pre>",
    ]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>recframe run</title><style>{STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )
    write_text(folder / "report.html", page)


def _number(name: str, value: float) -> str:
    return f"{value:,.1f}" if name == "mean_rank" else f"{value:.4f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _curve(values: list[float], title: str) -> str:
    """A line over the epochs as SVG, its least and greatest value written at the side."""
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
