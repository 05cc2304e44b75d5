"""The suite of each kind of contribution, and the test classes for installed contributions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recframe.plugin.guard import unguarded
from recframe.plugin.types import Contribution
from recframe.testing.command import CommandContract
from recframe.testing.dataset import DatasetContract
from recframe.testing.encoder import EncoderContract
from recframe.testing.exporter import ExporterContract
from recframe.testing.feature import FeatureContract
from recframe.testing.loss import LossContract

SUITES: Mapping[str, type] = {
    "encoder": EncoderContract,
    "feature": FeatureContract,
    "loss": LossContract,
    "dataset": DatasetContract,
    "exporter": ExporterContract,
    "command": CommandContract,
}


def make_suite(contribution: Contribution, title: str | None = None, **attributes: Any) -> type:
    """A subclass of the suite for one contribution, called `TestCnnEncoder` or as `title` says.

    Args:
        attributes: Further attributes of the class, such as `options`.
    """
    # The underscores stay: `a1` and `a_1` are two names.
    name = title or f"Test{contribution.name.title()}{contribution.kind.title()}"
    # What an author's function raises is looked at as it is, and not as a run would report it.
    return type(name, (SUITES[contribution.kind],), {"contribution": unguarded(contribution), **attributes})


def make_suites(contributions: Iterable[Contribution]) -> dict[str, type]:
    """The test classes by name, for the globals of a test module."""
    made = [make_suite(contribution) for contribution in contributions]
    return {cls.__name__: cls for cls in made}
