"""Run the commands and the scripts of a page in one process, in which TensorFlow is loaded once: `run_page.py STEPS`.

STEPS is a JSON file that holds a list: the words of a `recframe` command, or the path of a script.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from recframe import cli

sys.path[0] = ""  # as for a script of the working directory
for step in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
    if isinstance(step, str):
        runpy.run_path(step, run_name="__main__")
    elif code := cli.main(step):
        sys.exit(f"{step} gave {code}")
