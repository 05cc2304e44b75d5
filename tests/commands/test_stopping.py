"""Ctrl-C, SIGTERM and SIGKILL while recframe trains or exports: what is kept, and what is printed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from recframe.runtime import Bundle
from recframe.runtime.bundle import BundleError
from tests.commands.processes import RECFRAME, SMOKE, Recframe, environment


def _stop(signum: int, arguments: list[str], when: str, folder: Path) -> tuple[int, str]:
    """Start recframe, and send the signal when a path of this pattern exists. Returns the exit code and stderr."""
    # A shell's background jobs ignore SIGINT, and so would what they start.
    process = subprocess.Popen(
        [*RECFRAME, *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 120
    while process.poll() is None and not list(folder.glob(when)):
        assert time.monotonic() < end, f"{when} does not appear"
        time.sleep(0.002)
    assert process.poll() is None, f"ended before {when} was there"
    process.send_signal(signum)
    stderr = process.communicate(timeout=60)[1]
    return process.returncode, stderr


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """A run that Ctrl-C stopped during training: its folder, the exit code and stderr."""
    folder = tmp_path_factory.mktemp("stopped")
    longer = ["dataset.users=1000", "train.epochs=500", "train.patience=500"]
    variants = "export.variants=[float32,float16,int8]"  # an export long enough to be stopped half-way
    code, output = _stop(signal.SIGINT, [*SMOKE, *longer, variants], "run/checkpoints/state.json", folder)
    return folder / "run", code, output


@pytest.mark.slow
def test_ctrl_c_in_training_keeps_the_best_weights(stopped: tuple[Path, int, str], recframe: Recframe) -> None:
    run, code, output = stopped
    assert code == 130
    assert "stopped\n  the best weights so far (epoch " in output
    assert "`recframe evaluate run` evaluates them, `recframe export run` exports them" in output
    assert "Traceback" not in output
    assert not (run / "export").exists()
    evaluated = recframe("evaluate", "run", folder=run.parent)
    assert evaluated.returncode == 0, evaluated.stderr
    assert "popularity" in evaluated.stdout


@pytest.mark.slow
def test_ctrl_c_before_the_first_epoch_ends(tmp_path: Path, recframe: Recframe) -> None:
    code, output = _stop(signal.SIGINT, [*SMOKE, "dataset.users=3000"], "run/config.yaml", tmp_path)
    assert code == 130
    assert output.endswith("stopped\n  no epoch was completed: no weights are kept\n")
    assert all(line.startswith("· ") for line in output.splitlines()[:-2])  # notes of the data
    done = recframe("evaluate", "run", folder=tmp_path)
    assert done.returncode == 2
    assert "stopped before its first checkpoint" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_during_an_export(
    stopped: tuple[Path, int, str], signum: int, tmp_path: Path, recframe: Recframe
) -> None:
    run = tmp_path / "run"
    shutil.copytree(stopped[0], run)
    code, output = _stop(signum, ["export", "run"], "run/.export.recframe-part/model.tflite", tmp_path)
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(signum, -signum), output
    assert "Traceback" not in output
    assert not (run / "export").exists()
    left = list(run.glob(".export.recframe-part"))
    assert bool(left) == (signum == signal.SIGKILL)
    for folder in left:
        with pytest.raises(BundleError, match="no bundle here"):
            Bundle(folder)
    if left:  # the next export clears away what a killed one had no time to
        assert recframe("export", "run", folder=tmp_path).returncode == 0
        assert [path.name for path in run.glob("*export*")] == ["export"]
        Bundle(run / "export")


@pytest.mark.slow
def test_ctrl_c_during_the_export_after_training(tmp_path: Path) -> None:
    code, output = _stop(signal.SIGINT, SMOKE, "run/.export.recframe-part", tmp_path)
    assert code == 130
    assert "`recframe export run`" in output
    assert not list((tmp_path / "run").glob("*export*"))


@pytest.mark.slow
def test_sigterm_ends_a_long_native_call_within_seconds(tmp_path: Path, recframe: Recframe) -> None:
    """An epoch in one compiled call, during which Python handles no signal."""
    long = ["dataset.users=20000", "dataset.items=3000", "train.steps_per_call=10000", "encoder=lstm"]
    folder = ["hydra.run.dir=run", "exporters=[]"]
    process = subprocess.Popen(
        [*RECFRAME, *long, *folder], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 120
    while not list(tmp_path.glob("run/tensorboard/*")):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(4)  # until the batches are made
    process.terminate()
    began = time.monotonic()
    output = process.communicate(timeout=60)[1]
    assert process.returncode == 143, output
    assert time.monotonic() - began < 12
    assert "stopped" in output
    # Nothing of the folder is in the way of the next run.
    small = ["dataset.users=60", "dataset.items=40", "train.epochs=1", "exporters=[]", "hydra.run.dir=run"]
    done = recframe(*small, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "run").glob(".*"))
