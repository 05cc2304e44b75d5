"""`recframe new KIND NAME`: the distribution of a new plugin, in the current folder."""

from __future__ import annotations

from recframe.commands.arguments import Parser
from recframe.plugin.new_distribution import KINDS, new_plugin


def run(words: list[str]) -> int:
    """Write the distribution, and say how to go on."""
    parser = Parser("new", "Write a plugin that works, as a distribution recframe-NAME in the current folder.")
    parser.add_argument("kind", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("name", metavar="NAME", help="how users choose it, as my_encoder")
    arguments = parser.parse_args(words)
    folder = new_plugin(arguments.kind, arguments.name)
    module = next(folder.glob("*.py"))
    print(f"{folder}: the {arguments.kind} is in {module.name}\n")
    print(f"  pip install -e './{folder.name}[testing]'")
    print(f"  recframe check {folder.name}")
    return 0
