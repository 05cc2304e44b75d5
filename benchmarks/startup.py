"""The CPU that recframe's commands take at the start, beside that of Python and of Hydra.

`--help` shows a Hydra config, so it stands beside the import of what a Hydra application needs, and the smallest Hydra
application's own help is shown as well.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.scale import Scale
from benchmarks.tables import Row, Table, table_of
from benchmarks.timing import timed

INTRO = (
    "Each command is a process of its own; its CPU is user and system time of all its threads. The bound is Python "
    "alone, or Python and the imports of a Hydra application."
)
HYDRA_IMPORTS = "import hydra, hydra.core.config_store, hydra.core.hydra_config, hydra.compose, omegaconf"
HYDRA_APP = """\
import hydra

@hydra.main(version_base="1.3", config_path=None)
def main(config):
    pass

main()
"""


def rows(scale: Scale) -> Iterator[Row]:
    script = str(Path(sys.executable).with_name("recframe"))
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder, "app.py")
        app.write_text(HYDRA_APP, encoding="utf-8")
        # Name, command, and the row whose CPU is its bound.
        commands: list[tuple[str, list[str], str | None]] = [
            ("Python", [sys.executable, "-c", "pass"], None),
            ("Python and Hydra", [sys.executable, "-c", HYDRA_IMPORTS], None),
            ("smallest Hydra app --help", [sys.executable, str(app), "--help"], "Python and Hydra"),
            ("import recframe", [sys.executable, "-c", "import recframe"], "Python"),
            ("recframe plugins", [script, "plugins"], "Python"),
            ("recframe --help", [script, "--help"], "Python and Hydra"),
        ]
        seconds: dict[str, float] = {}
        for name, command, base in commands:

            def work(command: list[str] = command) -> None:
                subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

            time = timed(work, scale.repeats, warm=not scale.small)
            seconds[name] = time.cpu.median
            bound = seconds[base] if base else None
            parts = {base: bound} if base and bound else {}
            yield Row(name, "call", time, bound, parts, "the command's own imports and work", per_second=False)


def table(scale: Scale) -> Table:
    return table_of("Start", INTRO, list(rows(scale)))
