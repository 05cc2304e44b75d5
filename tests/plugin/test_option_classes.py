"""The types and defaults that an option of a plugin may have."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from omegaconf import OmegaConf

import recframe
from recframe.config import register
from recframe.plugin import manager
from recframe.plugin.option_classes import require_plain_options
from recframe.plugin.registry import KINDS
from recframe.spec.convert import default_values, structure
from tests.plugin.contributions import Good, encoder


class Colour(enum.Enum):
    RED = "red"


def options_class(annotation: Any, default: Any) -> type:
    units = attrs.field(type=annotation, default=default, kw_only=True, metadata={"help": "Units."})
    return attrs.make_class("Options", {"units": units}, frozen=True)


UNFIT = [
    (complex, 1j),
    (object, object()),
    (int, object()),
    (bytes, b"x"),
    (str, "${oops"),
    (str, "a ${b} c"),
    (dict[str, int], {(1, 2): 3}),
    (list[int], [1, 2j]),
    ("Undefined", 8),
    (None, 8),
]


@pytest.mark.parametrize(("annotation", "default"), UNFIT, ids=[str(case) for case in range(len(UNFIT))])
def test_an_option_that_a_config_cannot_hold_is_refused(annotation: Any, default: Any) -> None:
    class Unfit:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder("unfit", options=options_class(annotation, default))

    loaded = manager.load([("unfit", Unfit()), ("good", Good())], allowed="")
    unfit, good = loaded.infos[-2:]
    assert (unfit.status, good.status) == ("failed", "ok")
    assert "EncoderType 'unfit'" in (unfit.error or "")
    assert "units" in (unfit.error or "") or "Undefined" in (unfit.error or "")
    register(loaded.registries)  # as every command does


FIT = [
    (int, 8),
    (float, 0.5),
    (bool, True),
    (str, "$x {y}"),
    (str | None, None),
    (Path, Path("a/b")),
    (Colour, Colour.RED),
    (tuple[int, ...], (1, 2)),
    (list[str], ["a"]),
    (frozenset[int], frozenset([1])),
    (dict[str, int], {"a": 1}),
    (Literal["a", "b"], "a"),
    (int | str, 8),
    (Any, 1),
]


@pytest.mark.parametrize(("annotation", "default"), FIT, ids=[str(case) for case in range(len(FIT))])
def test_an_accepted_option_survives_a_round_trip_through_a_config(annotation: Any, default: Any) -> None:
    options = options_class(annotation, default)

    class Fit:
        @recframe.hookimpl
        def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
            yield encoder("fit", options=options)

    loaded = manager.load([("fit", Fit())], allowed="")
    assert loaded.infos[-1].status == "ok"
    plain = OmegaConf.to_container(OmegaConf.create({"type": "fit", **default_values(options)}), resolve=True)
    made = structure({"encoder": plain}, loaded.registries).encoder.options
    assert made == options()


def test_a_set_is_written_in_one_order_by_every_process() -> None:
    words = [f"w{number}" for number in range(9)]
    assert default_values(options_class(frozenset[str], frozenset(words)))["units"] == words


def test_a_plugin_may_have_the_options_of_the_builtins() -> None:
    registries = manager.load(allowed="").registries
    for kind in KINDS:
        for contribution in registries.of(kind).values():
            require_plain_options(contribution)
