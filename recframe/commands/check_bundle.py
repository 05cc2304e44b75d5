"""`recframe check-bundle BUNDLE`: checks that a bundle is complete and still gives the same answers."""

from __future__ import annotations

from recframe.commands.arguments import Parser, folder


def run(words: list[str]) -> int:
    """Check a bundle, and print what was checked."""
    parser = Parser("check-bundle", "Check a bundle's manifest and files, and replay its golden answers.")
    parser.add_argument("bundle", help="the export/ folder of a run")
    bundle = folder(parser.parse_args(words).bundle)
    from recframe.runtime.cli import check

    check(bundle)
    return 0
