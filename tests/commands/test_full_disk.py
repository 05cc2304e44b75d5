"""A disk that becomes full while a run writes: one message, and only complete files are left."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.processes import RECFRAME, environment


def _on_a_small_disk(size: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the smoke experiment with its folder on a disk of this size; return the files that are left."""
    (folder / "disk").mkdir()
    mount = f"mount -t tmpfs -o size={size} none disk"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], cwd=folder, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here, so the disk cannot be full")
    command = shlex.join([*RECFRAME, "+experiment=smoke", "hydra.run.dir=disk/run"])
    script = f"{mount} && {{ {command}; code=$?; find disk -type f >left; exit $code; }}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done, (folder / "left").read_text().split()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's namespaces to mount a small disk")
@pytest.mark.parametrize("size", ["16k", "68k"], ids=["before a checkpoint", "after a checkpoint"])
def test_a_full_disk(size: str, tmp_path: Path) -> None:
    done, left = _on_a_small_disk(size, tmp_path)
    assert done.returncode == 1, done.stderr
    assert "recframe: no space left on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [name for name in left if "part" in name or "export" in name]
    kept = "disk/run/checkpoints/best-1.weights.h5" in left
    assert kept == (size == "68k")
    assert ("`recframe export disk/run`" in done.stderr) == kept
