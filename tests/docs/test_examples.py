"""Every example of the documentation runs.

A `console` or `bash` block holds commands. Those of recframe run, small and on made-up data; pip and git do not run.
The settings of the table in start.md run as well. The `python` blocks of a page run in order, after its commands.
Everything runs in this process, in which TensorFlow is loaded once for all pages, with two exceptions: `make demo` goes
through the console script, and the plugin of a tutorial is installed for a process of its own. There the `python`
blocks run first, as they make what the commands read. A block below a line that holds only a file name is that file.
Other blocks do not run. The real MovieLens set is for tests/training/test_quality.py and
tests/proto/test_input_spec.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from recframe.plugin import manager
from recframe.plugin.new_distribution import KINDS
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.docs.example_runs import as_a_process_of, new_plugin_of, run, run_page, write_files
from tests.docs.pages import PAGES, TUTORIALS
from tests.docs.run_page import run_steps

#: Needs a plugin that is installed only where there is npm.
WEB_PAGE = "in-the-browser.md"


@pytest.fixture(scope="module")
def movielens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_movielens(tmp_path_factory.mktemp("movielens") / "ml-latest-small", users=60, items=40)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page not in TUTORIALS], ids=lambda page: page.name)
def test_examples_run(page: Path, tmp_path: Path, movielens: Path) -> None:
    if page.name == WEB_PAGE and "web" not in manager.load().registries.exporters.names():
        pytest.skip("recframe-web is not installed: there is no npm")
    write_files(page, tmp_path)
    run_page(page, tmp_path, movielens)


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.name)
def test_a_tutorial_makes_a_plugin_that_works(page: Path, tmp_path: Path, movielens: Path) -> None:
    with as_a_process_of(tmp_path):
        run_steps([new_plugin_of(page)])
    (project,), site = tmp_path.glob("recframe-*"), tmp_path / "site"
    write_files(page, project)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", site]
    run([*pip, project], tmp_path)
    run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", project, project], tmp_path, site)
    run_page(page, tmp_path, movielens, site)


def test_each_kind_that_recframe_new_writes_has_a_page() -> None:
    assert {new_plugin_of(page)[1] for page in TUTORIALS} == set(KINDS)
