"""`recframe recommend BUNDLE --history ID...`: try an exported bundle."""

from __future__ import annotations

from recframe.commands.arguments import Parser, folder
from recframe.commands.id_lists import IdLists


def run(words: list[str]) -> int:
    """Print what a bundle recommends."""
    parser = Parser("recommend", "Try an exported bundle.")
    parser.add_argument("bundle", help="the export/ folder of a run")
    parser.add_argument("--k", type=int, help="how many to print; the model's number of predictions by default")
    lists = IdLists(parser, others=["--k"])
    lists.add("--history", "items, oldest first; none: an empty history", required=True)
    lists.add("--exclude", "items that are left out")
    lists.add("--allow", "the only items that are not")
    arguments = lists.parse(words)
    bundle = folder(arguments.bundle)
    from recframe.runtime.cli import recommend

    recommend(bundle, arguments.history, arguments.k, arguments.exclude or (), arguments.allow)
    return 0
