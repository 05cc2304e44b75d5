"""plugins.json: a run leads back to the plugins that it was trained with, or says what to install."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import recframe
from recframe.errors import SpecError, UnknownNameError
from recframe.plugin import manager
from recframe.runs.folder import read_config, write_config
from recframe.runs.place import PLUGINS
from recframe.runs.plugins_used import as_recorded, write_plugins
from tests.plugin.contributions import Good

BUILTIN = manager.load(allowed="").registries


def run_with(folder: Path, name: str = "mine") -> Path:
    registries = manager.load([("recframe-absent", Good())], allowed="").registries
    with manager.using([Good()]):
        spec = recframe.compose(["encoder=mine"])
    spec = recframe.compose([]) if name == "cnn" else spec
    write_config(spec, folder)
    write_plugins(spec, registries, folder)
    return folder


def test_a_missing_plugin_is_named_with_its_version(tmp_path: Path) -> None:
    run_with(tmp_path)
    with pytest.raises(
        SpecError, match=r"encoder 'mine' was provided by recframe-absent 0, which is not installed"
    ) as e:
        read_config(tmp_path, as_recorded(BUILTIN, tmp_path))
    assert "pip install 'recframe-absent==0'" in str(e.value)


def test_another_plugin_of_the_name_is_not_taken_for_it(tmp_path: Path) -> None:
    other = manager.load([("other", Good())], allowed="").registries
    with pytest.raises(UnknownNameError, match="was provided by recframe-absent"):
        as_recorded(other, run_with(tmp_path)).encoders["mine"]


def test_of_two_plugins_the_recorded_one_is_chosen(tmp_path: Path) -> None:
    both = manager.load([("recframe-absent", Good()), ("other", Good())], allowed="").registries
    registries = as_recorded(both, run_with(tmp_path))
    assert registries.encoders.source("mine") == "recframe-absent 0"
    assert read_config(tmp_path, registries).encoder.type == "mine"


def test_a_run_of_built_in_components_has_no_such_file(tmp_path: Path) -> None:
    run_with(tmp_path)
    run_with(tmp_path, "cnn")
    assert not (tmp_path / PLUGINS).exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"encoder/mine": 1}', json.dumps({"encoder/mine": {}})])
def test_a_damaged_file_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / PLUGINS).write_text(text)
    with pytest.raises(SpecError, match=r"plugins\.json: cannot be read"):
        as_recorded(BUILTIN, tmp_path)


def test_a_spec_hashes_and_shows_one_line() -> None:
    one, same = recframe.compose(["train.epochs=3"]), recframe.compose(["train.epochs=3"])
    assert hash(one) == hash(same)
    assert one == same
    assert hash(one) != hash(recframe.compose(["train.epochs=4"]))
    assert repr(one).startswith("ExperimentSpec(dataset=synthetic")
    assert "\n" not in repr(one) + repr(BUILTIN)


def test_a_distribution_in_an_override_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    both = manager.load([("recframe-one", Good()), ("other", Good())], allowed="").registries
    token = manager._IN_USE.set(both)
    try:
        assert recframe.compose(["encoder=mine@Recframe_One"]).encoder.type == "mine@recframe-one"
        with pytest.raises(SpecError, match="encoder 'mine' is provided by recframe-one 0 and again by other 0"):
            recframe.compose(["encoder=mine"])
    finally:
        manager._IN_USE.reset(token)
