"""Runs that begin in the same second have different folders."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from recframe.config import register_own_folders
from recframe.config.run_folders import claim_folder

Recframe = Callable[..., subprocess.CompletedProcess[str]]


def test_many_runs_at_once_have_different_folders(tmp_path: Path) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(claim_folder(f"{tmp_path}/runs/now"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 20
    assert {Path(name).name for name in names} == {"now", *(f"now-{n}" for n in range(2, 21))}
    assert all(Path(name).is_dir() for name in names)


def test_a_run_keeps_its_folder(tmp_path: Path) -> None:
    def asked() -> list[str]:
        config = {"one": f"${{own_folder:{tmp_path}/now}}", "again": f"${{own_folder:{tmp_path}/now}}"}
        return list(OmegaConf.to_container(OmegaConf.create(config), resolve=True).values())  # type: ignore[union-attr]

    register_own_folders(claim=True)
    assert asked() == asked() == [f"{tmp_path}/now"] * 2
    register_own_folders(claim=True)  # another run
    assert asked() == [f"{tmp_path}/now-2"] * 2
    register_own_folders(claim=False)
    assert asked() == [f"{tmp_path}/now"] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["now", "now-2"]


@pytest.mark.parametrize(
    "arguments", [["--cfg", "all", "--resolve"], ["--cfg=hydra", "--resolve"], ["--help"]], ids=str
)
def test_a_flag_that_only_prints_makes_no_folder(tmp_path: Path, arguments: list[str], recframe: Recframe) -> None:
    assert recframe(*arguments, folder=tmp_path).returncode == 0
    assert not list(tmp_path.iterdir())


def test_a_run_that_cannot_begin_leaves_nothing(tmp_path: Path, recframe: Recframe) -> None:
    assert recframe("model.width=0", folder=tmp_path).returncode == 2
    assert not list(tmp_path.iterdir())


def test_a_foreign_folder_is_refused_before_anything_is_read(tmp_path: Path, recframe: Recframe) -> None:
    names = ["config.yaml", "vocab/words.txt", "export/thesis.docx"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    done = recframe("dataset=tabular", "dataset.path=nowhere.csv", "hydra.run.dir=.", folder=tmp_path)
    assert done.returncode == 2
    assert "did not write config.yaml, vocab/words.txt, export/thesis.docx" in done.stderr
    assert "nowhere" not in done.stderr
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {name: (tmp_path / name).read_text() for name in left} == {name: name for name in names}


@pytest.mark.parametrize("command", ["evaluate", "export"])
def test_a_config_that_cannot_be_read_is_reported(command: str, tmp_path: Path, recframe: Recframe) -> None:
    (tmp_path / "run" / "config.yaml").mkdir(parents=True)
    done = recframe(command, "run", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("run/config.yaml: cannot be read: Is a directory\n")


@pytest.mark.parametrize(
    ("name", "words"), [("x" * 300, "File name too long"), (os.fsdecode(b"r-\xff"), r"r-\xff: the name is not UTF-8")]
)
def test_an_impossible_folder_name_is_reported(name: str, words: str, tmp_path: Path, recframe: Recframe) -> None:
    done = recframe(f"hydra.run.dir={name}", folder=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_processes_at_the_same_moment_have_two_folders(tmp_path: Path) -> None:
    small = ["dataset.users=30", "dataset.items=25", "dataset.events_per_user=8", "train.epochs=1", "exporters=[]"]
    command = [sys.executable, "-m", "recframe", *small, "model.width=4"]
    running = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    folders = [line.split()[-1] for text in printed for line in text.splitlines() if line.startswith("run folder")]
    assert len(set(folders)) == 2
    assert all((tmp_path / folder / "metrics.json").is_file() for folder in folders)
    assert len(list((tmp_path / "runs").iterdir())) == 2
