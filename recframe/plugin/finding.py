"""Where plugins are: the package's own, and those that installed distributions name by an entry point."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from importlib import metadata
from types import ModuleType
from typing import Any

from attrs import frozen

from recframe.plugin.provider import Provider
from recframe.process.version import own_version

ENTRY_POINT_GROUP = "recframe"

#: The package's own plugins: ordinary plugin modules, named and not imported, so that the core depends on none of them.
BUILTINS: tuple[str, ...] = (
    "recframe.builtin.encoders.bow",
    "recframe.builtin.encoders.cnn",
    "recframe.builtin.encoders.lstm",
    "recframe.builtin.features.integer",
    "recframe.builtin.features.string",
    "recframe.builtin.features.number",
    "recframe.builtin.features.buckets",
    "recframe.builtin.features.strings",
    "recframe.builtin.losses.softmax",
    "recframe.builtin.losses.in_batch",
    "recframe.builtin.losses.sampled_softmax",
    "recframe.builtin.losses.gbce",
    "recframe.builtin.losses.bpr",
    "recframe.builtin.datasets.synthetic.dataset",
    "recframe.builtin.datasets.movielens.dataset",
    "recframe.builtin.datasets.tabular.dataset",
    "recframe.builtin.exporters.tflite",
    "recframe.builtin.exporters.saved_model",
    "recframe.builtin.exporters.android",
)


@frozen
class Candidate:
    """A plugin that can be loaded.

    Attributes:
        name: Entry-point name, or module for a built-in.
        load: Imports it, and returns the module or object that has the hooks.
        package: Top-level package of its code, by which its lines are known in a traceback.
    """

    name: str
    provider: Provider
    load: Callable[[], Any]
    package: str = ""


def builtins() -> Iterator[Candidate]:
    """Recframe's own."""
    provider = Provider("recframe", own_version(), builtin=True)
    for name in BUILTINS:
        yield Candidate(name, provider, functools.partial(importlib.import_module, name), "recframe")


def installed() -> Iterator[Candidate]:
    """Those of other distributions, sorted, since the disk's order is not the same everywhere."""
    points = [(point, point.dist) for point in metadata.entry_points(group=ENTRY_POINT_GROUP)]
    for point, dist in sorted(points, key=lambda pair: (pair[1].name if pair[1] else "", pair[0].name)):
        provider = Provider(dist.name, dist.version) if dist else Provider(point.name, "0")
        yield Candidate(point.name, provider, point.load, point.value.partition(":")[0].partition(".")[0])


def candidate_of(plugin: Any, provider: Provider) -> Candidate:
    """A module or object that is there already."""
    return Candidate(provider.distribution, provider, lambda: plugin, module_of(plugin).partition(".")[0])


def module_of(plugin: Any) -> str:
    """The name of a module, or of the module that an object is from."""
    name: str = plugin.__name__ if isinstance(plugin, ModuleType) else getattr(plugin, "__module__", "")
    return name
