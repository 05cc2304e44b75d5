"""Running the examples of a page: small, on made-up data, in a folder of their own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import recframe
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.docs.pages import COMMANDS, ROOT, SERVES, SHELL, START, blocks_of, commands_of, settings_of
from tests.docs.run_page import run_steps

BIN = Path(sys.executable).parent

SIZES = ["model.width=8", "model.history_length=10", "train.epochs=1", "export.parity_histories=20"]
SYNTHETIC = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12"]
FOLDER, DAT_FOLDER = "PATH/TO/ml-latest-small", "PATH/TO/ml-1m"


def demo_commands() -> list[list[str]]:
    """What `make demo` runs of recframe."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    commands = re.findall(r"^\t\$\(VENV\)/bin/(recframe.*)$", recipe, re.MULTILINE)
    assert commands, "the Makefile's demo runs no recframe"
    return [shlex.split(line) for line in commands]


def clean_environment(folder: Path) -> dict[str, str]:
    hidden = ("PYTHONPATH", "RECFRAME_PLUGINS", "RECFRAME_STRICT_PLUGINS")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"TF_CPP_MIN_LOG_LEVEL": "2", "XDG_CACHE_HOME": str(folder / ".cache")}


@contextlib.contextmanager
def as_a_process_of(folder: Path) -> Iterator[None]:
    """The folder is where the page is read, and of what the page sets and imports nothing stays."""
    modules = set(sys.modules)
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, clean_environment(folder), clear=True),
        mock.patch.object(sys, "path", ["", *sys.path]),
        mock.patch.object(recframe, "compose", recframe.compose),
    ):
        yield
    for name in set(sys.modules) - modules:
        if Path(getattr(sys.modules[name], "__file__", None) or ROOT).is_relative_to(folder):
            del sys.modules[name]


def run(command: Sequence[str | Path], folder: Path, site: Path | None = None) -> str:
    """Run a command in a folder, away from the checkout and its settings; give back what it prints."""
    env = clean_environment(folder)
    if site is not None:
        env["PYTHONPATH"] = str(site)
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def arguments_of(words: list[str], movielens: Path) -> list[str]:
    """The words of a recframe command, small where it trains or plans."""
    arguments = [word.replace(FOLDER, str(movielens)) for word in words]
    first = arguments[0] if arguments else ""
    if first not in COMMANDS and not first.startswith("--"):
        chosen = [word for word in arguments if word.startswith("dataset=") or word.startswith("+experiment=")]
        if chosen in ([], ["dataset=synthetic"]):
            arguments += SYNTHETIC
        if "dataset=movielens" in chosen and not any(word.startswith("dataset.path=") for word in arguments):
            arguments.append(f"dataset.path={movielens}")
        arguments += SIZES
    return arguments


def new_plugin_of(page: Path) -> list[str]:
    """The words of the command that a tutorial begins with, without `recframe`."""
    program, *words = next(
        command for block in blocks_of(page) if block.language in SHELL for command in commands_of(block)
    )
    assert [program, *words[:1]] == ["recframe", "new"], f"{page.name} begins with {program} {' '.join(words)}"
    return words


def run_page(page: Path, folder: Path, movielens: Path, site: Path | None = None) -> None:
    """Run the commands and then the python blocks.

    Args:
        site: Where the plugin of a tutorial is installed. Its python blocks run first, and `recframe new` has run.
    """
    steps: list[list[str] | str] = []
    for block in blocks_of(page):
        for program, *words in commands_of(block) if block.language in SHELL else ():
            if program == "recframe" and words[0] != SERVES and (site is None or words[0] != "new"):
                steps.append(arguments_of(words, movielens))
            elif [program, *words[:1]] == ["make", "demo"]:
                for _, *demo in demo_commands():
                    run([BIN / "recframe", *arguments_of(demo, movielens)], folder)
    if page == START:
        steps += [arguments_of(words, movielens) for words in settings_of(page)]
    if source := source_of(page, folder):
        (folder / "page.py").write_text(source, encoding="utf-8")
        steps.insert(0 if site else len(steps), "page.py")
    if site is not None:
        (folder / "steps.json").write_text(json.dumps(steps), encoding="utf-8")
        run([sys.executable, ROOT / "tests" / "docs" / "run_page.py", folder / "steps.json"], folder, site)
    else:
        with as_a_process_of(folder):
            run_steps(steps)


def write_files(page: Path, folder: Path) -> None:
    """The files that stand in the page."""
    for block in blocks_of(page):
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def source_of(page: Path, folder: Path) -> str:
    """The python blocks as one script, which trains small; a folder of MovieLens-1M is a made-up one."""
    source = "\n".join(b.text for b in blocks_of(page) if b.language == "python" and b.file is None)
    if not source:
        return ""
    if DAT_FOLDER in source:
        source = source.replace(DAT_FOLDER, str(write_movielens(folder / "ml-1m", "1m", users=60, items=40)))
    small = f"""\
        import recframe as _recframe
        _compose = _recframe.compose
        _made_up = lambda overrides: [] if any(o.startswith("dataset=") for o in overrides) else {SYNTHETIC!r}
        _recframe.compose = lambda overrides=(): _compose([*overrides, *_made_up(overrides), *{SIZES!r}])
        """
    return textwrap.dedent(small) + source
