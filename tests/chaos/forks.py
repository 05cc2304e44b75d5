"""`recframe` in processes that are forked from one with TensorFlow loaded: each begins at once.

`Forks` starts `python -m tests.chaos.forks`, which forks for each line of its stdin. That process only imports. So a
child has the state of a new process, and threads that compute are its own.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.training_kills import run
from tests.commands.processes import environment

ROOT = Path(__file__).parents[2]
_LOADED = ("tensorflow", "keras", "recframe.config.command_line", "recframe.commands.train_and_report")


class Forks:
    """Runs `recframe` in forked processes, which share what XLA has compiled."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        flags = {"directory": self._folder.name, "device_types": "CPU"}
        xla = " ".join(f"--tf_xla_persistent_cache_{name}={value}" for name, value in flags.items())
        command = [sys.executable, "-m", "tests.chaos.forks"]
        env = environment(PYTHONPATH=str(ROOT), TF_XLA_FLAGS=xla)
        self._server = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(
        self, moment: str, *words: str, folder: Path, seconds: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`training_kills` with these words in a folder; after so many seconds, it is killed from outside."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with tempfile.TemporaryDirectory() as printed:
            texts = [Path(printed, name) for name in ("stdout", "stderr")]
            print(json.dumps([moment, words, os.fspath(folder), printed, seconds]), file=self._server.stdin, flush=True)
            code = int(self._server.stdout.readline())
            return subprocess.CompletedProcess(words, code, *(path.read_text(encoding="utf-8") for path in texts))

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()
        self._folder.cleanup()


def serve() -> None:
    """Fork for each line of stdin, and print the exit code of the child."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    for name in _LOADED:
        importlib.import_module(name)
    del os.environ["TF_CPP_MIN_LOG_LEVEL"]
    for line in sys.stdin:
        moment, words, folder, printed, seconds = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_a_process(Path(folder), Path(printed))
            code = 1
            try:
                code = run(moment, words)
                sys.stdout.flush()
            finally:
                os._exit(code)
        print(_ended(child, seconds), flush=True)


def _be_a_process(folder: Path, printed: Path) -> None:
    """Work in the folder, with streams of its own."""
    os.chdir(folder)
    for number, path in enumerate((Path(os.devnull), printed / "stdout", printed / "stderr")):
        stream = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(stream, number)
        os.close(stream)


def _ended(child: int, seconds: float | None) -> int:
    """Wait for the end of a child, which is killed after so many seconds."""
    if seconds is not None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    serve()
