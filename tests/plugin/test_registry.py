import pytest

from recframe.errors import DuplicateNameError, UnknownNameError
from recframe.plugin.provider import Provider
from recframe.plugin.registry import Registries, Registry
from recframe.plugin.types import EncoderType


def encoder(name: str) -> EncoderType:
    return EncoderType(name, summary="For the test.", build=lambda options, context: None)  # type: ignore[arg-type, return-value]


def test_a_registry_finds_a_contribution_and_its_source_by_name() -> None:
    registry: Registry[EncoderType] = Registry("encoder").extended([encoder("cnn")], "recframe-x 1.0")
    assert registry["cnn"].name == "cnn"
    assert registry.source("cnn") == "recframe-x 1.0"
    assert registry.names() == ("cnn",)
    assert "cn" not in registry
    assert registry.get("cn") is None
    assert dict(registry) == {"cnn": registry["cnn"]}


def test_the_error_for_an_unknown_name_has_the_nearest_and_all_choices() -> None:
    registry: Registry[EncoderType] = Registry("encoder").extended([encoder("cnn"), encoder("lstm")], "x 1")
    with pytest.raises(UnknownNameError, match=r"no encoder 'cn'; did you mean 'cnn'\? There are: cnn, lstm"):
        registry["cn"]
    with pytest.raises(UnknownNameError, match=r"no encoder 'zzz'\. There are: cnn, lstm"):
        registry["zzz"]


def test_a_duplicate_names_both_providers_and_changes_nothing() -> None:
    before = Registries().extended([encoder("cnn")], Provider("recframe", "0.1.0", builtin=True))
    with pytest.raises(DuplicateNameError, match=r"recframe 0\.1\.0 \(built-in\) and again by recframe-x 2\.0"):
        before.extended([encoder("new"), encoder("cnn")], "recframe-x 2.0")
    assert before.encoders.names() == ("cnn",)


@pytest.mark.parametrize("kind", ["encoder", "encoders"])
def test_of_takes_singular_and_plural(kind: str) -> None:
    registries = Registries()
    assert registries.of(kind) is registries.encoders


def test_of_an_unknown_kind() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'encoder'"):
        Registries().of("encodr")
