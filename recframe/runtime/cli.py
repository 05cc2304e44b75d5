"""`recframe recommend` and `recframe check-bundle`, which need only the runtime."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recframe.errors.terminal import printable
from recframe.runtime.bundle import Bundle
from recframe.runtime.check import BundleProblems, check_bundle
from recframe.runtime.files import BundleFiles


def recommend(
    bundle: Path,
    history: Sequence[str],
    k: int | None,
    exclude: Sequence[str] = (),
    allow: Sequence[str] | None = None,
    now: int | None = None,
) -> None:
    """Print the recommendations for a history of raw ids or titles."""
    opened = Bundle(bundle)
    _say_unfinished(opened.manifest)
    history, exclude = _apart(history, opened), _apart(exclude, opened)
    allow = None if allow is None else _apart(allow, opened)
    titles = [opened.items.get(str(opened.label_of(item)), {}).get("title") or item for item in history]
    for text in dict.fromkeys([*history, *exclude, *(allow or ())]):
        if text in opened.id_of and opened.id_of_title.get(text, opened.id_of[text]) != opened.id_of[text]:
            print(f"· {text!r} is an item's id and another item's title: taken as the id", file=sys.stderr)
    answers = opened.recommend(history, k, exclude=exclude, allow=allow, now=now)
    print("after " + (printable(", ".join(titles)) or "an empty history"))
    if opened.unknown_inputs:
        listed = ", ".join(opened.unknown_inputs)
        note = f"the bundle does not know these values of the items, so the model reads 0: {printable(listed)}"
        print(f"· {note}", file=sys.stderr)
    rows = [(str(place), item.id, item.title or "", f"{item.score:.3f}") for place, item in enumerate(answers, start=1)]
    _print_table(("", "id", "title", "score"), rows)


def _apart(items: Sequence[str], bundle: Bundle) -> list[str]:
    """The items one by one. 1,2,3 is three items, unless it is a title that contains commas."""
    answers: list[str] = []
    for text in items:
        parts = text.split(",")
        answers += parts if text not in bundle and all(part in bundle for part in parts) else [text]
    return answers


def check(bundle: Path) -> None:
    """Check a bundle, and print what its models answered.

    Raises:
        BundleError: where it has changed since its export.
    """
    replays = check_bundle(bundle)
    _say_unfinished(BundleFiles(bundle).manifest)
    rows = [
        (
            replay.path,
            replay.name,
            f"{replay.equal}/{replay.examples}",
            f"{replay.overlap:.1%}",
            f"{replay.difference:.1g}",
            "differs" if replay.problem else "ok",
        )
        for replay in replays
    ]
    print(f"{printable(str(bundle))}: manifest and files are as they were exported")
    if not rows:
        print("· it holds no LiteRT model, so no answers were compared", file=sys.stderr)
    else:
        _print_table(("model", "name", "golden equal", "ids kept", "score difference", ""), rows)
    if wrong := [replay.problem for replay in replays if replay.problem]:
        raise BundleProblems(wrong)


def _say_unfinished(manifest: Mapping[str, Any]) -> None:
    if unfinished := manifest.get("unfinished"):
        print(f"· {unfinished}", file=sys.stderr)


def _print_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with columns as wide as their content."""
    rows = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for row in (heading, *rows):
        print(" " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
