"""Kill a process that writes a run or a bundle, at every single change that it makes on the disk.

A program of its own, since it forks, which a process with TensorFlow's threads must not.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from recframe.files import whole as files
from recframe.runs.place import finish_replacement
from tests.runs.stand_in import hidden_in, name_of_bundle, name_of_run, write_bundle, write_run

_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "recframe.exchange"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def at_change(number: int, act: Callable[[], None]) -> Callable[[], int]:
    """Act before this process's change on the disk of that number; what is returned tells how many there were."""
    done = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
        if event in _CHANGES or writes:
            done += 1
            if done == number:
                act()

    sys.addaudithook(count)
    return lambda: done


def killed_at(number: int, work: Callable[[], None]) -> bool:
    """Whether a child that does the work was killed at its change of that number; else it ended before."""
    child = os.fork()
    if child == 0:
        at_change(number, lambda: os.kill(os.getpid(), signal.SIGKILL))
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, f"failed at change {number}"
    return False


def rerun(folder: Path, swaps: bool, exports: bool) -> Counter[str]:
    """A run in the folder of a finished one."""
    write_run(folder / "before" / "run", "earlier")
    seen: Counter[str] = Counter()
    for number in range(1, 10_000):
        place = folder / str(number)
        shutil.copytree(folder / "before", place)
        again = killed_at(number, lambda place=place: write_run(place / "run", "later", exports))  # type: ignore[misc]
        if again and swaps and exports:  # an app that reads at this moment has a bundle, whole
            name_of_bundle(place / "run" / "export")
        finish_replacement(place / "run")
        name = name_of_run(place / "run")
        assert (place / "run" / "export").exists() == (name == "earlier" or exports)
        seen[name] += again
        write_run(place / "run", "last")
        assert name_of_run(place / "run") == "last"
        assert hidden_in(place) == [], hidden_in(place)
        shutil.rmtree(place)
        if not again:
            assert name == "later"
            return seen
    raise AssertionError("it does not end")


def first(folder: Path) -> Counter[str]:
    """A run in a new folder: whatever is left, the next run begins."""
    seen: Counter[str] = Counter()
    for number in range(1, 10_000):
        place = folder / str(number)
        place.mkdir()
        again = killed_at(number, lambda place=place: write_run(place / "run", "first"))  # type: ignore[misc]
        seen["first"] += again
        if (place / "run" / "export").exists():
            assert name_of_bundle(place / "run" / "export") == "first"
        write_run(place / "run", "last")
        assert name_of_run(place / "run") == "last"
        assert hidden_in(place) == [], hidden_in(place)
        shutil.rmtree(place)
        if not again:
            return seen
    raise AssertionError("it does not end")


def reexport(folder: Path, swaps: bool) -> Counter[str]:
    """An export over a bundle."""
    seen: Counter[str] = Counter()
    for number in range(1, 10_000):
        place = folder / str(number)
        write_bundle(place / "export", "earlier")
        again = killed_at(number, lambda place=place: write_bundle(place / "export", "later"))  # type: ignore[misc]
        if swaps or (place / "export").exists():
            seen[name_of_bundle(place / "export")] += again
        else:
            seen["moved aside"] += again
        if not again:
            assert name_of_bundle(place / "export") == "later"
        write_bundle(place / "export", "last")
        assert name_of_bundle(place / "export") == "last"
        assert hidden_in(place) == [], hidden_in(place)
        shutil.rmtree(place)
        if not again:
            return seen
    raise AssertionError("it does not end")


def main(what: str, swaps: bool, folder: Path) -> None:
    if not swaps:  # as where the system has no call for it
        files._swap = lambda: None  # type: ignore[assignment]
    works = {
        "first": lambda: first(folder),
        "rerun": lambda: rerun(folder, swaps, exports=True),
        "rerun without export": lambda: rerun(folder, swaps, exports=False),
        "re-export": lambda: reexport(folder, swaps),
    }
    print(json.dumps(works[what]()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "swaps", Path(sys.argv[3]))
