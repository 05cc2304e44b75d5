"""`recframe evaluate RUN` measures a run again; `recframe evaluate RUN_A RUN_B` compares two runs."""

from __future__ import annotations

from pathlib import Path

from recframe.commands.arguments import Parser, folder


def run(words: list[str]) -> int:
    """Measure one run or compare two, and print the figures."""
    parser = Parser("evaluate", "Measure a finished or stopped run again, or compare two on the same test targets.")
    parser.add_argument("run", help="run folder")
    parser.add_argument("other", nargs="?", metavar="RUN_B", help="a run to compare with, on the same data and split")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    arguments = parser.parse_args(words)
    if arguments.json and arguments.other is None:
        parser.error("--json needs two runs; the figures of one run are in its metrics.json")
    folders = [folder(name) for name in (arguments.run, arguments.other) if name is not None]
    from recframe.process.tensorflow_start import load_tensorflow

    load_tensorflow()
    if len(folders) == 1:
        _measure(folders[0])
    else:
        _compare(folders[0], folders[1], arguments.json)
    return 0


def _measure(place: Path) -> None:
    from recframe.plugin.manager import load_plugins
    from recframe.reporting.console import ConsoleListener, print_results
    from recframe.reporting.existing_runs import evaluate_run

    print_results(evaluate_run(place, load_plugins(), ConsoleListener().say))


def _compare(one: Path, other: Path, as_json: bool) -> None:
    from recframe.plugin.manager import load_plugins
    from recframe.reporting.comparison import RankedRun, print_comparison
    from recframe.reporting.console import ConsoleListener
    from recframe.runs.saved_run import load_run

    # The runs are loaded one after the other, since the data of both may not fit into memory.
    registries, say = load_plugins(), ConsoleListener().say
    first, second = (RankedRun.of(load_run(place, registries, say)) for place in (one, other))
    print_comparison(first, second, (one, other), as_json)
