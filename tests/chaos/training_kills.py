"""`recframe` that kills itself at a chosen moment; the state of training is kept after each call and epoch.

`python -m tests.chaos.training_kills MOMENT WORDS...`. The moment is `never`; `count`, which counts the changes on the
disk; `change N`, before the Nth of them; or `MODULE:NAME N before` (or `after`) the Nth call of that function.
"""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from recframe.commands import main
from recframe.training import training_state
from tests.chaos.folder_kills import at_change


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(name: str, number: int, when: str) -> None:
    """Kill this process before or after the call of that number of `module:name` or `module:class.name`."""
    module, _, path = name.partition(":")
    *outer, last = path.split(".")
    place: Any = importlib.import_module(module)
    for part in outer:
        place = getattr(place, part)
    real: Callable[..., Any] = getattr(place, last)
    calls = itertools.count(1)

    def counted(*arguments: Any, **named: Any) -> Any:
        is_it = next(calls) == number
        if is_it and when == "before":
            kill()
        result = real(*arguments, **named)
        if is_it:
            kill()
        return result

    setattr(place, last, counted)


def run(moment: str, words: list[str]) -> int:
    training_state.INTERVAL, training_state.SHARE = 0.0, 1e9
    name, *rest = moment.split()
    if name == "change":
        at_change(int(rest[0]), kill)
    elif name == "count":
        changes = at_change(sys.maxsize, kill)
        code = main(words)
        print(f"changes: {changes()}")
        return code
    elif name != "never":
        at_call(name, int(rest[0]), rest[1])
    return main(words)


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1], sys.argv[2:]))
