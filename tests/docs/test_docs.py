"""Every example of the documentation runs, and the generated page is what would be generated.

A `console` or `bash` block holds commands: those of recframe are run, small, on made-up data; those of make must name a
target; pip and git are taken as read. The settings of the table in start.md are run as well; those in running text are
composed, and a script that is named must be there. `python` blocks of a page run in order, after the commands. All this
is in this process, in which TensorFlow is loaded once for all pages; what `make demo` runs goes through the console
script, and the plugin of the tutorial is installed for a process of its own. A block below a line that holds nothing
but a file name is that file. Other blocks are not run. The real MovieLens set is for tests/training/test_quality.py and
tests/proto/test_input_spec.py.
"""

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

import attrs
import pytest
from attrs import frozen

import recframe
from recframe.plugin import manager
from recframe.plugin.registry import KINDS
from recframe.runtime.files import FORMAT_VERSION
from recframe.runtime.schema import manifest_schema
from recframe.spec.experiment import ExperimentSpec
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.docs.run_page import run_steps

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
START = ROOT / "docs" / "start.md"
TUTORIAL = ROOT / "docs" / "writing-an-encoder.md"
BIN = Path(sys.executable).parent

SIZES = ["model.width=8", "model.history_length=10", "train.epochs=1", "export.parity_histories=20"]
SYNTHETIC = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12"]
SERVES = "demo"  # until Ctrl-C; recframe-web runs it
#: Needs a plugin that is installed only where there is npm.
WEB_PAGE = "in-the-browser.md"
COMMANDS = ("evaluate", "export", "recommend", "plugins", "describe", "check", "check-bundle")
SHELL, LISTINGS = ("console", "bash"), ("text", "toml", "yaml", "json", "kotlin", "swift", "java")
FOLDER, DAT_FOLDER = "PATH/TO/ml-latest-small", "PATH/TO/ml-1m"

#: Settings in the text, such as `encoder.units=64`, need one of these around them.
AROUND: tuple[list[str], ...] = ([], ["encoder=lstm"], ["split=temporal"], ["dataset=tabular", "dataset.path=x"])
INLINE = re.compile(r"`([^`\n]+)`")
PLACEHOLDER = re.compile(r"…|=[A-Z]{2,}\b|\[[A-Z]{2,}\]")

FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"(?:\*\*)?`([\w./-]+\.\w+)`(?:\*\*)?:?")


@frozen
class Block:
    """A fenced block: its language, its text, and the file that it is, if any."""

    language: str
    text: str
    file: str | None


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    blocks = []
    for match in FENCE.finditer(text):
        above = text[: match.start()].rstrip().rpartition("\n")[2]
        name = FILE_NAME.fullmatch(above.strip())
        blocks.append(Block(match[1], match[2], name[1] if name else None))
    return blocks


def commands_of(block: Block) -> list[list[str]]:
    """The commands of a shell block as words, without prompts and comments."""
    lines = block.text.replace("\\\n", " ").splitlines()
    words = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [command for command in words if command]


def inline_of(page: Path) -> list[list[str]]:
    """What stands between backticks in the text of a page, as words."""
    codes = INLINE.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return [words for code in codes if code.count("'") % 2 == code.count('"') % 2 == 0 and (words := shlex.split(code))]


def settings_of(page: Path) -> list[list[str]]:
    """The overrides in the text of a page, but those with a placeholder."""
    keys = {field.name for field in attrs.fields(ExperimentSpec)} - {"input_spec"}
    found = []
    for words in inline_of(page):
        given = [word for word in words if word not in ("recframe", "-m")]
        named = {re.split(r"[.=]", word.lstrip("+"))[0] for word in given if "=" in word}
        whole = given and all("=" in word and not PLACEHOLDER.search(word) for word in given)
        if whole and named <= {*keys, "experiment"}:
            found.append([word for word in words if word != "recframe"])
    return found


def composes(overrides: list[str]) -> bool:
    try:
        recframe.compose(overrides)
    except recframe.SpecError:
        return False
    return True


def demo_commands() -> list[list[str]]:
    """What `make demo` runs of recframe."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    found = re.findall(r"^\t\$\(VENV\)/bin/(recframe.*)$", recipe, re.MULTILINE)
    assert found, "the Makefile's demo runs no recframe"
    return [shlex.split(line) for line in found]


@pytest.fixture(scope="module")
def movielens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_movielens(tmp_path_factory.mktemp("movielens") / "ml-latest-small", users=60, items=40)


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


def run_page(page: Path, folder: Path, movielens: Path, site: Path | None = None, python: bool = True) -> None:
    """Run the commands and then the python blocks."""
    steps: list[list[str] | str] = []
    for block in blocks_of(page):
        for program, *words in commands_of(block) if block.language in SHELL else ():
            if program == "recframe" and words[0] != SERVES:
                steps.append(arguments_of(words, movielens))
            elif [program, *words[:1]] == ["make", "demo"]:
                for _, *demo in demo_commands():
                    run([BIN / "recframe", *arguments_of(demo, movielens)], folder)
    if page == START:
        steps += [arguments_of(words, movielens) for words in settings_of(page)]
    if python and (source := source_of(page, folder)):
        (folder / "page.py").write_text(source, encoding="utf-8")
        steps.append("page.py")
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_hold_what_this_test_knows(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for block in blocks_of(page):
        assert block.language in ("python", *SHELL, *LISTINGS), f"a block of {page.name} says {block.language!r}"
        for program, *words in commands_of(block) if block.language in SHELL else ():
            assert program in ("recframe", "make", "pip", "git", "cd", "uv"), f"{page.name}: {program}"
            named = {word for word in words if "=" not in word}
            assert program != "make" or named <= targets, f"{page.name}: make {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_named_in_the_text_is_there(page: Path) -> None:
    for words in settings_of(page):
        one = [re.sub(r"=(\w+),.*", r"=\1", word) for word in words if word != "-m"]  # of several values the first
        assert any(composes([*around, *one]) for around in AROUND), f"{page.name}: {' '.join(words)}"
    for words in inline_of(page):
        if words[0] == "python" and len(words) > 1:
            script = words[2].replace(".", "/") + ".py" if words[1] == "-m" else words[1]
            assert (ROOT / script).exists(), f"{page.name}: {' '.join(words)}"
        if words[0] == "recframe" and len(words) > 1 and "=" not in words[1] and not words[1].startswith("-"):
            assert words[1] in (*COMMANDS, SERVES, "plan"), f"{page.name}: {' '.join(words)}"


def test_the_apps_code_and_the_schema_are_of_the_present_format() -> None:
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("on-android.md", "on-ios.md")]
    assert f'getInt("format_version") == {FORMAT_VERSION})' in pages[0]
    assert f"manifest.format_version == {FORMAT_VERSION} else" in pages[1]
    assert manifest_schema()["$id"] == f"urn:recframe:bundle-manifest:{FORMAT_VERSION}"


def test_settings_are_found_in_the_text() -> None:
    assert ["encoder=lstm", "encoder.units=64"] in settings_of(START)
    assert ["-m", "encoder=bow,cnn,lstm"] in settings_of(START)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if path.startswith(("http://", "https://", "mailto:")):
            continue
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, link


def test_the_reference_is_up_to_date(tmp_path: Path) -> None:
    run([sys.executable, ROOT / "docs" / "reference.py", "--check"], tmp_path)


def test_the_reference_names_every_built_in() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    registries = manager.load(allowed="").registries
    for kind in KINDS:
        if kind == "command":  # no part of a config
            continue
        assert registries.of(kind).names()
        for name in registries.of(kind).names():
            assert f"\n### {kind}/{name}\n" in text


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page != TUTORIAL], ids=lambda page: page.name)
def test_examples_run(page: Path, tmp_path: Path, movielens: Path) -> None:
    if page.name == WEB_PAGE and "web" not in manager.load().registries.exporters.names():
        pytest.skip("recframe-web is not installed: there is no npm")
    write_files(page, tmp_path)
    run_page(page, tmp_path, movielens)


@pytest.mark.slow
def test_the_tutorial_makes_a_plugin_that_works(tmp_path: Path, movielens: Path) -> None:
    project, site = tmp_path / "recframe-attention", tmp_path / "site"
    write_files(TUTORIAL, project)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", site]
    run([*pip, project], tmp_path)
    run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", project / "tests"], tmp_path, site)
    run_page(TUTORIAL, tmp_path, movielens, site, python=False)
