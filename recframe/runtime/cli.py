"""`recframe recommend`: try a bundle from the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recframe.runtime.bundle import Bundle


def recommend(bundle: Path, history: Sequence[str], k: int | None) -> None:
    """Print the recommendations for a history of raw ids or titles."""
    opened = Bundle(bundle)
    console = Console()
    titles = [opened.items.get(str(opened.label_of(item)), {}).get("title") or item for item in history]
    console.print("after " + (", ".join(titles) or "an empty history"), highlight=False, markup=False)
    if opened.unknown_inputs:
        listed = ", ".join(opened.unknown_inputs)
        note = f"· not known of these items, and so 0 for the model: {listed}"
        Console(stderr=True).print(note, highlight=False, markup=False, soft_wrap=True)
    table = Table("", "id", "title", "score", box=None)
    for place, found in enumerate(opened.recommend(history, k), start=1):
        table.add_row(str(place), found.id, found.title or "", f"{found.score:.3f}")
    console.print(table)
