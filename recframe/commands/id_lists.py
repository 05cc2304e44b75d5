"""Lists of ids on the command line: all words up to the next option, also ids that begin with a dash."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


class IdLists:
    """Options that take any number of ids, for a parser of argparse, which would take `-abc` for an option.

    argparse sees the number of an id in place of it. An option's exact name ends a list; `--history=--k` is the id
    `--k`. Empty words are not ids.
    """

    def __init__(self, parser: argparse.ArgumentParser, others: Sequence[str]) -> None:
        """
        Args:
            others: The parser's other options, each with its dashes.
        """
        self._parser, self._others = parser, (*others, "-h", "--help")
        self._names: list[str] = []
        self._ids: list[str] = []

    def add(self, name: str, help: str, required: bool = False) -> None:
        """Declare an option. Without it its value is None; without ids, an empty list."""
        self._names.append(name)
        self._parser.add_argument(
            name, nargs="*", action="extend", type=self._id, required=required, metavar="ID", help=help
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        front: list[str] = []  # what belongs to no option, such as the bundle
        options: list[str] = []
        taking = ""
        for word in words:
            name, equals, value = word.partition("=")
            if word in self._names or word in self._others:
                options.append(word)
                taking = word
            elif equals and name in self._names:
                options += [name, self._number(value)]
                taking = ""
            elif equals and name in self._others:
                options.append(word)
                taking = ""
            elif taking in self._names:
                options += [self._number(word)] if word else []
            else:
                (options if taking else front).append(word)
                taking = ""
        return self._parser.parse_args([*front, *options])

    def _number(self, word: str) -> str:
        self._ids.append(word)
        return str(len(self._ids) - 1)

    def _id(self, number: str) -> str:
        return self._ids[int(number)]
