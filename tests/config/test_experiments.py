"""Each file of conf/experiment runs with the command in its first lines."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import recframe as package
from recframe.recommendation.model_spec import COMPATIBLE
from recframe.spec.convert import unstructure
from tests.builtin.datasets.movielens_folder import write_movielens

EXPERIMENTS = sorted(Path("conf/experiment").resolve().glob("*.yaml"))
TINY = ["train.epochs=1", "model.width=8", "export.parity_histories=20", "hydra.run.dir=run"]
SYNTHETIC = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12"]
MOVIELENS = "PATH/TO/ml-latest-small"

Recframe = Callable[..., subprocess.CompletedProcess[str]]


def commands(path: Path) -> list[list[str]]:
    """The arguments of each `recframe` command above the defaults list."""
    opening = path.read_text(encoding="utf-8").partition("\ndefaults:")[0]
    return [shlex.split(line) for line in re.findall(r"^#     recframe (.*)$", opening, re.MULTILINE)]


def write_events(folder: Path) -> None:
    """Write an `events.csv` as own_data.yaml describes it: 30 customers, each with 6 of 10 products."""
    rows = [
        f"c-{customer},P-{(customer * 3 + step) % 10},2024-03-0{1 + step}T09:00:00Z"
        for customer in range(30)
        for step in range(6)
    ]
    (folder / "events.csv").write_text("\n".join(["customer,product,bought_at", *rows]) + "\n")


def movielens(folder: Path) -> str:
    """The path of the real data set, which RECFRAME_TEST_DATA names, or of a small made-up one."""
    real = Path(os.environ.get("RECFRAME_TEST_DATA", "nowhere")) / "ml-latest-small"
    return str(real if real.exists() else write_movielens(folder / "ml-latest-small", users=60, items=40))


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_each_file_begins_with_commands_that_compose(path: Path) -> None:
    assert commands(path)[0] == [f"+experiment={path.stem}"]
    for overrides in commands(path):
        assert f"+experiment={path.stem}" in overrides
        package.compose(overrides)


@pytest.mark.parametrize("encoder", package.load_plugins().encoders.names())
@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_each_experiment_accepts_every_encoder(path: Path, encoder: str) -> None:
    overrides = [f"+experiment={path.stem}", f"encoder={encoder}"]
    assert package.compose(overrides).encoder.type == encoder


@pytest.mark.slow
@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_each_experiment_runs(path: Path, tmp_path: Path, recframe: Recframe) -> None:
    write_events(tmp_path)
    dataset = package.compose(commands(path)[0]).dataset.type
    small = {"synthetic": SYNTHETIC, "movielens": [f"dataset.path={movielens(tmp_path)}"]}.get(dataset, [])
    done = recframe(*commands(path)[0], *small, *TINY, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run/export/model.tflite").exists()


def test_a_copy_in_the_users_folder_is_found(tmp_path: Path, recframe: Recframe) -> None:
    (tmp_path / "mine/experiment").mkdir(parents=True)
    shutil.copy(next(path for path in EXPERIMENTS if path.stem == "own_data"), tmp_path / "mine/experiment/shop.yaml")
    done = recframe("--config-dir", "mine", "+experiment=shop", "--cfg", "job", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "user: customer" in done.stdout


def test_model_maker_has_the_settings_of_its_python_names() -> None:
    spec = unstructure(package.compose(["+experiment=model_maker"]))
    for section, settings in COMPATIBLE.items():
        assert settings.items() <= spec[section].items()
    assert spec["exclude_seen"] is False
    assert spec["encoder"]["stride"] == spec["encoder"]["kernel_size"]
