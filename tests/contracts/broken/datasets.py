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
from recframe.plugin.types import DatasetFiles, DatasetType, NoOptions
from tests.contracts.broken.listing import broken


def events(seed: int = 0, events_of_a_user: int = 6) -> Interactions:
    rng, size = np.random.default_rng(seed), 2 * events_of_a_user
    items = {"id": np.arange(5), "genre": np.array(list("aabbc"))}
    users = np.repeat([7, 8], events_of_a_user)
    return Interactions.from_columns(users, rng.integers(5, size=size), rng.integers(99, size=size), items)


@frozen
class PathOptions:
    path: str | None = recframe.option(None, help="A file.")


def dataset(
    name: str, demand: str, load: Callable[[Any, Any], Interactions], options: type = NoOptions, **more: Any
) -> None:
    broken(DatasetType(name, summary="Broken.", options=options, load=load, **more), demand)


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


def checks_nothing(options: Any) -> None:
    raise ZeroDivisionError


def files_elsewhere(options: Any, context: Any) -> DatasetFiles:
    return DatasetFiles((Path("no-such-file.csv"),), lambda: {})


VALID, COLUMNS = "the interactions are valid", "features can read each column"
TITLES = np.array([["a"], ["b", "c"], ["d"], [], ["e"]], dtype=object)
dataset("newest_first", VALID, lambda o, c: attrs.evolve(events(), timestamp=events().timestamp[::-1].copy()))
dataset("no_such_item", VALID, lambda o, c: attrs.evolve(events(), item=events().item + 5))
dataset("a_table", VALID, lambda o, c: {"user": [1], "item": [2]})  # type: ignore[arg-type,return-value]
dataset("fails", VALID, lambda o, c: 1 // 0)  # type: ignore[arg-type,return-value]
dataset("title_of_lists", COLUMNS, lambda o, c: attrs.evolve(events(), items={"id": np.arange(5), "title": TITLES}))
dataset("one_event", "a split leaves targets to train and evaluate on", lambda o, c: events(events_of_a_user=1))
dataset("own_dice", "the same seed gives the same data", lambda o, c: events(np.random.randint(1 << 30)))
dataset("writes_beside", "writes nothing but its cache", writes_beside)
dataset("bare_path", "options that are missing or wrong are refused", reads_a_path, PathOptions)
dataset("bare_network", "without network it says so", downloads)
dataset("bare_check", "its check accepts what it loads", lambda o, c: events(), check=checks_nothing)
dataset("files_elsewhere", "its files can be read", lambda o, c: events(), files=files_elsewhere)
