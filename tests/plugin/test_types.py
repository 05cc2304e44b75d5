from pathlib import Path
from typing import Any

import attrs
import pytest

import recframe
from recframe.errors import DataError, PluginError, SpecError
from recframe.plugin.types import Contribution
from recframe.spec.option import constraint


@attrs.frozen
class Options:
    size: int = recframe.option(3, ge=1, le=9, help="How large.")


class Plain:
    pass


@attrs.frozen
class NoHelp:
    size: int = 3


def build(options: Any, context: Any) -> Any:
    return None


def test_a_contribution_has_its_kind_and_options() -> None:
    encoder = recframe.EncoderType("mine", summary="For the test.", options=Options, build=build)
    assert (encoder.kind, encoder.options().size, encoder.causal(Options())) == ("encoder", 3, False)


@pytest.mark.parametrize("name", ["Mine", "my-own", "", "1st", "a b"])
def test_a_name_has_only_lower_case_letters_digits_and_underscores(name: str) -> None:
    with pytest.raises(PluginError, match="lower-case letters, digits and underscores"):
        recframe.EncoderType(name, summary="x", build=build)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(), "have you called it"),
        (Plain, "must be a frozen attrs class, got Plain"),
        (NoHelp, "option 'size' has no help"),
    ],
    ids=["instance", "plain", "no help"],
)
def test_options_are_a_frozen_class_with_help(options: Any, words: str) -> None:
    with pytest.raises(PluginError, match=words):
        recframe.EncoderType("mine", summary="x", options=options, build=build)


def test_a_function_must_be_callable() -> None:
    with pytest.raises(PluginError, match="build must be a function, got a int"):
        recframe.EncoderType("mine", summary="x", build=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("causal", [True, False])
def test_causal_may_be_a_bool_or_a_function(causal: bool) -> None:
    always = recframe.EncoderType("mine", summary="x", build=build, causal=causal)
    assert always.causal(Options()) is causal
    asked = recframe.EncoderType("mine", summary="x", build=build, causal=lambda options: not causal)
    assert asked.causal(Options()) is not causal


def test_a_dataset_need_not_take_tables_nor_have_files(tmp_path: Path) -> None:
    dataset = recframe.DatasetType("mine", summary="x", load=build)
    context = recframe.DatasetContext(seed=1, cache=tmp_path)
    with pytest.raises(DataError, match="takes no tables"):
        dataset.from_table(None, {}, context)
    with pytest.raises(DataError, match="has no files"):
        dataset.files(Options(), context)


@pytest.mark.parametrize("size", [0, 10, float("nan")])
def test_an_option_outside_its_range_is_refused(size: Any) -> None:
    with pytest.raises(SpecError, match=r"size: .* is not allowed: must be at least 1, at most 9"):
        Options(size=size)
    assert constraint(attrs.fields(Options).size) == "at least 1, at most 9"


def test_every_builtin_has_a_one_line_summary() -> None:
    registries = recframe.load_plugins()
    kinds = [registries.encoders, registries.features, registries.losses, registries.datasets, registries.exporters]
    for registry in kinds:
        for contribution in registry.values():
            assert isinstance(contribution, Contribution)
            assert contribution.summary.endswith(".")
            assert "\n" not in contribution.summary
