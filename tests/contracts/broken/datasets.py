"""Datasets that each break one demand of DatasetContract."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from attrs import frozen

import recframe
from recframe.interactions.interactions import Interactions
from recframe.plugin.types import DatasetType, NoOptions
from tests.contracts.broken.listing import broken


def events(seed: int = 0) -> Interactions:
    rng = np.random.default_rng(seed)
    items = {"id": np.arange(5), "genre": np.array(list("aabbc"))}
    return Interactions.from_columns(np.repeat([7, 8], 6), rng.integers(5, size=12), rng.integers(99, size=12), items)


@frozen
class PathOptions:
    path: str | None = recframe.option(None, help="A file.")


def dataset(name: str, demand: str, load: Callable[[Any, Any], Interactions], options: type = NoOptions) -> None:
    broken(DatasetType(name, summary="Broken.", options=options, load=load), demand)


def writes_beside(options: Any, context: Any) -> Interactions:
    (context.cache.parent / "stray.txt").write_text("here")
    return events()


def reads_a_path(options: Any, context: Any) -> Interactions:
    if options.path:
        Path(options.path).read_bytes()
    return events()


def downloads(options: Any, context: Any) -> Interactions:
    urllib.request.urlopen("https://example.org/data.csv")
    return events()


ORDER, IDS = "events stand user by user and oldest first", "ids are of one user and one item"
COLUMNS = "columns have a value for each row"
dataset("newest_first", ORDER, lambda o, c: attrs.evolve(events(), timestamp=events().timestamp[::-1].copy()))
dataset("users_mixed", ORDER, lambda o, c: attrs.evolve(events(), offsets=np.array([0, 6, 11])))
dataset("id_twice", IDS, lambda o, c: attrs.evolve(events(), items={"id": np.zeros(5, int)}))
dataset("no_such_item", IDS, lambda o, c: attrs.evolve(events(), item=events().item + 5))
dataset("short_column", COLUMNS, lambda o, c: attrs.evolve(events(), events={"rating": np.zeros(3)}))
dataset("own_dice", "the same seed gives the same data", lambda o, c: events(np.random.randint(1 << 30)))
dataset("writes_beside", "writes nothing but its cache", writes_beside)
dataset("bare_path", "options that are missing or wrong are refused", reads_a_path, PathOptions)
dataset("bare_network", "without network it says so", downloads)
