"""`recframe check DISTRIBUTION`: runs the contract suites on the contributions of a plugin."""

from __future__ import annotations

from recframe.commands.arguments import Parser


def run(words: list[str]) -> int:
    """Run the suites. Returns 1 if a contribution fails."""
    parser = Parser("check", "Run the contract suites on the contributions of a plugin.")
    parser.add_argument("distribution", help="name of the plugin's distribution, such as recframe-mine")
    arguments = parser.parse_args(words)
    from recframe.process.tensorflow_start import load_tensorflow

    load_tensorflow()
    from recframe.testing.runner import check

    return int(check(arguments.distribution))
