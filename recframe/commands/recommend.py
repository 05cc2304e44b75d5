"""`recframe recommend BUNDLE --history ID...`: prints the recommendations of a bundle."""

from __future__ import annotations

from recframe.commands.arguments import Parser, folder, unix_seconds
from recframe.commands.id_lists import IdLists


def run(words: list[str]) -> int:
    """Print the recommendations of a bundle."""
    parser = Parser("recommend", "Try an exported bundle.")
    parser.add_argument("bundle", help="the export/ folder of a run")
    parser.add_argument("--k", type=int, help="how many items to print; by default as many as the model predicts")
    parser.add_argument(
        "--now", type=unix_seconds, help="the moment of asking, in UTC, as 2026-03-01T08:30; by default the present"
    )
    lists = IdLists(parser, others=["--k", "--now"])
    lists.add("--history", "ids of items, oldest first; without ids the history is empty", required=True)
    lists.add("--exclude", "ids of items that are never recommended")
    lists.add("--allow", "ids of the only items that may be recommended")
    arguments = lists.parse(words)
    bundle = folder(arguments.bundle)
    from recframe.runtime.cli import recommend

    recommend(bundle, arguments.history, arguments.k, arguments.exclude or (), arguments.allow, arguments.now)
    return 0
