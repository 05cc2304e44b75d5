"""Environments that hold wheels and know nothing of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, away from the checkout and its settings."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "RECFRAME_PLUGINS", "RECFRAME_STRICT_PLUGINS")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)


def call(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command that must succeed; give back what it prints."""
    done = run(command, folder)
    assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build_wheel(project: Path, names: Sequence[str], folder: Path) -> Path:
    """Build sdist and wheel from a copy of the named files, so that no old build/ or egg-info takes part."""
    copy = folder / project.name
    for name in names:
        source, target = project / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    call([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", copy], folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def core_wheel(folder: Path) -> Path:
    """The wheel of recframe itself."""
    return build_wheel(ROOT, ["pyproject.toml", "README.md", "LICENSE", "recframe", "conf"], folder)


def make_environment(env: Path, wheels: Sequence[Path]) -> tuple[Path, Path]:
    """An environment with these wheels and nothing else: its scripts and its packages."""
    call([sys.executable, "-m", "venv", "--without-pip", env], env)
    scripts = env / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    call([*pip, *wheels], env)
    packages = Path(call([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], env).strip())
    return scripts, packages


def borrowing_environment(env: Path, wheels: Sequence[Path]) -> Path:
    """The scripts folder of an environment with these wheels, which borrows the dependencies of the running one.

    The borrowed folder stands on the path by a .pth file, which does not run the .pth files in it: recframe's own
    editable install stays out of sight.
    """
    scripts, packages = make_environment(env, wheels)
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)), encoding="utf-8")
    return scripts
