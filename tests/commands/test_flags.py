"""Hydra's flags and their values, before and after any command, and what Tab completes."""

from __future__ import annotations

from pathlib import Path

import pytest

from recframe import commands as cli

EXPERIMENTS = sorted(path.stem for path in Path("conf/experiment").resolve().glob("*.yaml"))


@pytest.fixture(autouse=True)
def _own_configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder `own` with a primary config `shop`, an experiment, and a config of recframe's name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own/experiment").mkdir(parents=True)
    (tmp_path / "own/shop.yaml").write_text("defaults: [config, override encoder: lstm, _self_]\nseed: 77\n")
    (tmp_path / "own/experiment/mine.yaml").write_text("# @package _global_\nseed: 78\n")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/config.yaml").write_text("defaults: [command, _self_]\nencoder: {type: bow}\nseed: 79\n")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--config-dir", "own", "+experiment=mine"], "seed: 78"),
        (["+experiment=mine", "--config-dir=own"], "seed: 78"),
        (["encoder=bow", "-cd", "own", "+experiment=mine", "train.epochs=2"], "seed: 78"),
        (["--config-dir", "own", "--config-name", "shop"], "seed: 77"),
        (["-cd", "own", "-cn", "shop", "encoder=bow"], "type: bow"),
        (["--config-path", "own", "--config-name", "shop"], "units:"),
        (["--config-dir", "run", "--config-name", "config"], "seed: 79"),
        (["--package", "train", "train.epochs=3"], "epochs: 3"),
    ],
    ids=" ".join,
)
def test_the_values_of_flags_are_not_overrides(
    words: list[str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, "--cfg", "job"]) == 0
    output = capsys.readouterr()
    assert shown in output.out
    assert output.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["train", "--help"],
        ["train", "resume=run", "--help"],
        ["plan", "--help"],
        ["plan", "--config-dir", "own", "--config-name", "shop", "--help"],
        *(
            [verb, "--help"]
            for verb in ("evaluate", "export", "recommend", "check-bundle", "plugins", "describe", "check")
        ),
    ],
    ids=" ".join,
)
def test_every_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 0
    output = capsys.readouterr()
    assert "recframe" in output.out
    assert output.err == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["~dataset"], "~dataset: a run needs a dataset; choose another one by name, as in `dataset=NAME`"),
        (["plan", "~encoder"], "~encoder: a run needs a encoder"),
        (["-m", "~split"], "~split: a run needs a split"),
        (["--config-dir", "nowhere"], "--config-dir nowhere: no such folder"),
        (["--config-dir", "own", "--config-name", "shp"], "no config 'shp' in own; did you mean 'shop'?"),
        (["--config-name", "shop"], "no config 'shop'; name its folder with --config-dir"),
        (["--config-dir", "run", "--config-name", "config", "encoder=lstm"], "run: config has its encoder written out"),
        (["--config-dir"], "expected one argument"),
        (["--nothing"], "unrecognized arguments: --nothing"),
        (["plan", "-m", "encoder=bow,cnn"], "--multirun: `recframe plan` takes overrides"),
        (["evaluation.objective=auc"], "evaluation: objective: 'auc' is not allowed: must be recall@K"),
    ],
)
def test_what_is_wrong_is_one_message(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2
    text = capsys.readouterr().err
    assert told in text
    assert text.startswith("recframe: ")
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("recframe enc", ["encoder.", "encoder="]),
        ("recframe pl", ["plan", "plugins"]),
        ("recframe plan encoder=ls", ["encoder=lstm"]),
        ("recframe train encoder=lstm encoder.un", ["encoder.units="]),
        ("recframe train resume=run train.ep", ["train.epochs="]),
        (
            "recframe --config-dir own +experiment=m",
            [f"+experiment={name}" for name in ("mine", *EXPERIMENTS) if name.startswith("m")],
        ),
        ("recframe --config-dir run --config-name config see", ["seed="]),
        ("recframe export run export.max_s", ["export.max_size_kb="]),
        ("recframe evaluate ru", []),
        ("recframe export ru", []),
        ("recframe plan --conf", []),
    ],
)
def test_tab_completes_after_commands_and_flags(
    typed: str, completed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMP_LINE", typed)
    assert cli.main(["-sc", "query=bash"]) == 0
    assert capsys.readouterr().out.split() == completed
