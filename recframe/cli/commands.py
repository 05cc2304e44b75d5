"""The small commands. Each takes its arguments and returns its exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from recframe.cli.id_lists import IdLists
from recframe.cli.training import say
from recframe.errors import RecframeError


def _plan(given: list[str]) -> int:
    from recframe.config import compose

    spec = compose(given, say)
    from recframe.training.startup import start_for

    start_for(spec)
    from recframe.training.plan import print_plan

    print_plan(spec)
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RecframeError(f"{message}\n  {self.format_usage().strip()}")


def _parser(command: str, about: str) -> _Parser:
    return _Parser(prog=f"recframe {command}", description=about)


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise RecframeError(f"{text}: no such folder")
    return path


def _evaluate(given: list[str]) -> int:
    parser = _parser("evaluate", "Measure a finished or stopped run again, or compare two on the same test targets.")
    parser.add_argument("run", help="run folder")
    parser.add_argument("other", nargs="?", metavar="RUN_B", help="a run to compare with, of the same data and split")
    parser.add_argument("--json", action="store_true", help="the comparison for programs")
    known = parser.parse_args(given)
    if known.json and known.other is None:
        parser.error("--json is for two runs; the figures of one are in its metrics.json")
    folders = [_folder(name) for name in (known.run, known.other) if name is not None]
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.training.commands import compare_runs, evaluate_run

    if len(folders) == 1:
        evaluate_run(folders[0])
    else:
        compare_runs(folders[0], folders[1], known.json)
    return 0


def _export(given: list[str]) -> int:
    parser = _parser("export", "Export a finished or stopped run again.")
    parser.add_argument("run", help="run folder")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="OVERRIDE",
        help="exporters=[NAME,...] or export.KEY=VALUE, instead of the run's",
    )
    known = parser.parse_args(given)
    folder = _folder(known.run)
    from recframe.config import export_changes

    changes = export_changes(known.overrides)
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.training.commands import export_run

    export_run(folder, changes)
    return 0


def _recommend(given: list[str]) -> int:
    parser = _parser("recommend", "Try an exported bundle.")
    parser.add_argument("bundle", help="the export/ folder of a run")
    parser.add_argument("--k", type=int, help="how many to print; the model's number of predictions by default")
    lists = IdLists(parser, others=["--k"])
    lists.add("--history", "items, oldest first; none: an empty history", required=True)
    lists.add("--exclude", "items that are left out")
    lists.add("--allow", "the only items that are not")
    known = lists.parse(given)
    bundle = _folder(known.bundle)
    from recframe.runtime.cli import recommend

    recommend(bundle, known.history, known.k, known.exclude or (), known.allow)
    return 0


def _check_bundle(given: list[str]) -> int:
    parser = _parser("check-bundle", "Check a bundle's manifest and files, and replay its golden answers.")
    parser.add_argument("bundle", help="the export/ folder of a run")
    bundle = _folder(parser.parse_args(given).bundle)
    from recframe.runtime.cli import check

    check(bundle)
    return 0


def _demo(given: list[str]) -> int:
    parser = _parser("demo", "Show a run's page, which recommends in the browser, on this machine alone.")
    parser.add_argument("run", help="run folder, bundle, or the page's own folder")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="any free one by default")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    known = parser.parse_args(given)
    folder = _folder(known.run)
    from recframe.cli.demo import demo

    demo(folder, known.port, not known.no_browser)
    return 0


def _plugins(given: list[str]) -> int:
    from recframe.registry import KINDS

    parser = _parser("plugins", "List the plugins, also those that failed.")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--kind", choices=[*KINDS, *KINDS.values()], help="only plugins that give this kind")
    known = parser.parse_args(given)
    from recframe.listing import print_plugins

    print_plugins(known.kind, known.json)
    return 0


def _describe(given: list[str]) -> int:
    parser = _parser("describe", "Show the options of a contribution.")
    parser.add_argument("name", metavar="KIND/NAME", help="as encoder/cnn")
    parser.add_argument("--json", action="store_true", help="for programs")
    known = parser.parse_args(given)
    from recframe.listing import print_description

    print_description(known.name, known.json)
    return 0


def _check(given: list[str]) -> int:
    parser = _parser("check", "Run the contract suites on what a plugin contributes.")
    parser.add_argument("distribution", help="as recframe-gru")
    known = parser.parse_args(given)
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.testing.runner import check

    return int(check(known.distribution))


#: All but `train`, which is what any other first argument means.
COMMANDS: Mapping[str, Callable[[list[str]], int]] = {
    "evaluate": _evaluate,
    "export": _export,
    "recommend": _recommend,
    "check-bundle": _check_bundle,
    "demo": _demo,
    "plan": _plan,
    "plugins": _plugins,
    "describe": _describe,
    "check": _check,
}
