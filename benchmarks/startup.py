"""What `make bench` runs first: the CPU that recframe takes at the start, beyond Python and Hydra. It asserts nothing.

Each command runs as a process of its own; its CPU is user and system time, of all its threads. `--help` shows a Hydra
config, so it stands beside the import of what a Hydra application needs, and the smallest Hydra application's own help
is shown as well.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

REPEATS = 7
PYTHON = "Python"
HYDRA = "Python and Hydra"
HYDRA_HELP = "smallest Hydra app --help"
HYDRA_IMPORTS = "import hydra, hydra.core.config_store, hydra.core.hydra_config, hydra.compose, omegaconf"
HYDRA_APP = """\
import hydra

@hydra.main(version_base="1.3", config_path=None)
def main(config):
    pass

main()
"""


def cpu_seconds(command: list[str], folder: str) -> float:
    """Median CPU of the command, user and system, in seconds."""
    taken = []
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken)


def main() -> None:
    script = str(Path(sys.executable).with_name("recframe"))
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder, "app.py")
        app.write_text(HYDRA_APP, encoding="utf-8")
        # Name, command, and the baseline that is taken off.
        rows: list[tuple[str, list[str], str | None]] = [
            (PYTHON, [sys.executable, "-c", "pass"], None),
            (HYDRA, [sys.executable, "-c", HYDRA_IMPORTS], None),
            (HYDRA_HELP, [sys.executable, str(app), "--help"], None),
            ("import recframe", [sys.executable, "-c", "import recframe"], PYTHON),
            ("recframe plugins", [script, "plugins"], PYTHON),
            ("recframe --help", [script, "--help"], HYDRA),
        ]
        print(f"CPU at the start, user and system, medians of {REPEATS}")
        print(f"{'':28}{'CPU':>7}{'beyond':>9}  baseline")
        seconds: dict[str, float] = {}
        for name, command, baseline in rows:
            seconds[name] = cpu_seconds(command, folder)
            beyond = f"{seconds[name] - seconds[baseline]:7.2f} s  {baseline}" if baseline else ""
            print(f"{name:28}{seconds[name]:5.2f} s{beyond}", flush=True)


if __name__ == "__main__":
    main()
