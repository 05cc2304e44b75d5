"""Run the commands and the scripts of a page: here, or in a process of its own by `run_page.py STEPS`.

STEPS is a JSON file that holds a list: the words of a `recframe` command, or the path of a script.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from recframe import commands as cli


def run_steps(steps: Sequence[Sequence[str] | str]) -> None:
    """Run them in the working directory.

    Raises:
        AssertionError: where a command does not end with 0.
    """
    for step in steps:
        if isinstance(step, str):
            runpy.run_path(step, run_name="__main__")
        else:
            code = cli.main(step)
            assert code == 0, f"recframe {' '.join(step)} gave {code}"


if __name__ == "__main__":
    sys.path[0] = ""  # as for a script of the working directory
    run_steps(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
