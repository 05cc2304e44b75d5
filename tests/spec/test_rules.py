"""Rules between several options, with the path of the option that breaks them."""

from __future__ import annotations

from typing import Any

import pytest

from recframe.errors import SpecError
from recframe.plugin.manager import load_plugins
from recframe.spec.convert import structure, unstructure

REGISTRIES = load_plugins()
HISTORY = {"features": {"item": "int"}}


def problems(groups: dict[str, Any]) -> list[str]:
    with pytest.raises(SpecError) as caught:
        structure({"groups": groups}, REGISTRIES)
    return caught.value.problems


def test_a_group_of_the_moment_has_no_encoder_and_comes_back_as_it_was() -> None:
    groups = {"history": HISTORY, "now": {"scope": "now", "features": {"hour": "int"}}}
    spec = structure({"groups": groups, "encoder": "lstm"}, REGISTRIES)
    assert {name: encoder.type for name, encoder in spec.encoders.items()} == {"history": "lstm"}
    assert spec.scopes == {"item": "history", "hour": "now"}
    assert "encoder" not in unstructure(spec)["groups"]["now"]
    assert structure(unstructure(spec), REGISTRIES) == spec


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        ({"features": {"hour": "int"}, "encoder": "bow"}, ["encoder: a group of scope now has no steps to encode"]),
        ({"features": {"price": "float"}}, ["features.price.source: 'price' is not known of the moment of asking"]),
        ({"features": {"x": {"type": "int", "source": "item"}}}, ["features.x.source: 'item' is not known of the mom"]),
        ({"features": {"hour": {"type": "int", "length": 3}}}, ["features.hour.length: 3, but a moment has one value"]),
        (
            {"features": {"price": {"type": "int", "length": 3}, "hour": "int"}},
            ["features.price.source: ", "features.price.length: 3"],
        ),
    ],
)
def test_only_the_time_is_known_of_the_moment(now: dict[str, Any], lines: list[str]) -> None:
    reported = problems({"history": HISTORY, "now": {"scope": "now", **now}})
    for line, start in zip(reported, lines, strict=True):
        assert line.startswith(f"groups.now.{start}")


def test_a_moment_alone_is_no_model() -> None:
    (line,) = problems({"now": {"scope": "now", "features": {"hour": "int"}}})
    assert line == "groups: a group of scope history or user is needed beside those of scope now"
