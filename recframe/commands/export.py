"""`recframe export RUN [OVERRIDES]`: writes the bundle of a run again."""

from __future__ import annotations

from recframe.commands.arguments import Parser, folder


def run(words: list[str]) -> int:
    """Export a run again, and print its figures."""
    parser = Parser("export", "Export a finished or stopped run again.")
    parser.add_argument("run", help="run folder")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="OVERRIDE",
        help="exporters=[NAME,...] or export.KEY=VALUE, instead of the run's",
    )
    arguments = parser.parse_args(words)
    place = folder(arguments.run)
    from recframe.config import export_changes

    changes = export_changes(arguments.overrides)
    from recframe.process.tensorflow_start import load_tensorflow

    load_tensorflow()
    from recframe.plugin.manager import load_plugins
    from recframe.reporting.console import ConsoleListener, print_results
    from recframe.reporting.existing_runs import export_run

    print_results(export_run(place, load_plugins(), changes, ConsoleListener().say))
    return 0
