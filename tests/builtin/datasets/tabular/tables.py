"""Small tables of interactions, written in every format that `tabular` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recframe.builtin.datasets.tabular import ColumnOptions, TabularOptions
from recframe.builtin.datasets.tabular.dataset import load
from recframe.interactions.interactions import Interactions
from recframe.plugin.types import DatasetContext

ENDINGS = ("csv", "tsv", "jsonl", "parquet", "arrow", "feather")


#: A few events beyond ASCII, and how they stand in files of text.
TEXT_ROWS = [("ä", "Café", 1), ("ä", "Ünder", 2), ("b", "Café", 3)]
TEXTS = {
    "csv": "user,item,timestamp\n" + "".join(f"{u},{i},{t}\n" for u, i, t in TEXT_ROWS),
    "tsv": "user\titem\ttimestamp\n" + "".join(f"{u}\t{i}\t{t}\n" for u, i, t in TEXT_ROWS),
    "jsonl": "".join(f'{{"user": "{u}", "item": "{i}", "timestamp": {t}}}\n' for u, i, t in TEXT_ROWS),
}
TEXT_EVENTS = sorted(TEXT_ROWS)


def events(users: int = 12, items: int = 9, rows: int = 90, seed: int = 0) -> pl.DataFrame:
    """Events with ids of text, equal times, ratings, kinds, and further columns of text and of numbers."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "user": [f"user {n}" for n in rng.integers(0, users, rows)],
            "item": [f"Ä-{n:03}" for n in rng.integers(0, items, rows)],
            "timestamp": rng.integers(1_500_000_000, 1_500_000_040, rows),
            "rating": rng.integers(1, 11, rows) / 2,
            "event": [("view", "buy")[n] for n in rng.integers(0, 2, rows)],
            "device": [("phone", "web, big", 'the "tab"')[n] for n in rng.integers(0, 3, rows)],
            "price": rng.integers(1, 9, rows) / 4 + 0.125,  # never whole: text formats may write 2 as 2.0, another text
            "amount": rng.integers(1, 4, rows),
        }
    )


def write(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ending = path.suffix[1:]
    if ending == "csv":
        frame.write_csv(path)
    elif ending == "tsv":
        frame.write_csv(path, separator="\t")
    elif ending == "jsonl":
        frame.write_ndjson(path)
    elif ending == "parquet":
        frame.write_parquet(path)
    else:
        frame.write_ipc(path)
    return path


def read(path: Path | str, columns: dict[str, Any] | None = None, **options: Any) -> Interactions:
    """Load files as the command line does."""
    chosen = TabularOptions(path=str(path), columns=ColumnOptions(**columns or {}), **options)
    return load(chosen, DatasetContext(seed=1, cache=Path("no cache")))


def plain(data: Interactions) -> dict[str, Any]:
    """Everything but the notes, as lists."""
    categories = {name: values[data.events[name]].tolist() for name, values in data.categories.items()}
    return {
        "offsets": data.offsets.tolist(),
        "item": data.item.tolist(),
        "timestamp": data.timestamp.tolist(),
        "user_ids": data.user_ids.tolist(),
        "items": {name: values.tolist() for name, values in data.items.items()},
        "events": {name: values.tolist() for name, values in data.events.items()} | categories,
        "users": {name: values.tolist() for name, values in data.users.items()},
        "parts": None if data.parts is None else data.parts.tolist(),
    }


def tuples(data: Interactions) -> list[tuple[Any, Any, int]]:
    """(user, item, time) of each event, in order."""
    users, items = data.user_ids[data.user_of_event()].tolist(), data.items["id"][data.item].tolist()
    return list(zip(users, items, data.timestamp.tolist(), strict=True))
