"""`recframe check DISTRIBUTION`: the contract suites over what a plugin contributes."""

from __future__ import annotations

from recframe.commands.arguments import Parser


def run(words: list[str]) -> int:
    """Run the suites; 1 where a contribution fails."""
    parser = Parser("check", "Run the contract suites on what a plugin contributes.")
    parser.add_argument("distribution", help="as recframe-mine")
    arguments = parser.parse_args(words)
    from recframe.process.tensorflow_start import load_tensorflow

    load_tensorflow()
    from recframe.testing.runner import check

    return int(check(arguments.distribution))
