"""Lists of ids on the command line. A list ends at the next option, and an id may begin with a dash."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


class IdLists:
    """Options of an argparse parser that take any number of ids. argparse itself would read an id `-abc` as an option.

    So argparse receives a number in place of each id. The exact name of an option ends a list. `--history=--k` gives
    the id `--k`. Empty words are not ids.
    """

    def __init__(self, parser: argparse.ArgumentParser, others: Sequence[str]) -> None:
        """
        Args:
            others: The other options of the parser, with their dashes.
        """
        self._parser, self._others = parser, (*others, "-h", "--help")
        self._names: list[str] = []
        self._ids: list[str] = []

    def add(self, name: str, help: str, required: bool = False) -> None:
        """Declare an option. Its value is None if the option is absent, and an empty list if it has no ids."""
        self._names.append(name)
        self._parser.add_argument(
            name, nargs="*", action="extend", type=self._id, required=required, metavar="ID", help=help
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        positional: list[str] = []  # words of no option, such as the bundle
        options: list[str] = []
        current = ""  # the option that takes the next words
        for word in words:
            name, equals, value = word.partition("=")
            if word in self._names or word in self._others:
                options.append(word)
                current = word
            elif equals and name in self._names:
                options += [name, self._number(value)]
                current = ""
            elif equals and name in self._others:
                options.append(word)
                current = ""
            elif current in self._names:
                options += [self._number(word)] if word else []
            else:
                (options if current else positional).append(word)
                current = ""
        return self._parser.parse_args([*positional, *options])

    def _number(self, word: str) -> str:
        self._ids.append(word)
        return str(len(self._ids) - 1)

    def _id(self, number: str) -> str:
        return self._ids[int(number)]
