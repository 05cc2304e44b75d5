"""What XLA compiles for a command, kept in the user's cache: the next command of the same shapes compiles nothing.

TensorFlow reads and writes the files, and one that is damaged or cannot be written would end the training. So it works
in a folder of this process alone. That begins with links to the kept programs that are whole, by the SHA-256 in their
names; what is new in it is kept at the end.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib.metadata
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from recframe.files.digests import file_sha256
from recframe.files.whole import remove

#: The environment variable that turns it off, with 0.
SWITCH = "RECFRAME_COMPILED_CACHE"
#: Bytes that are kept for one machine; a program of a usual model takes 2 MB.
MOST = 64 << 20
#: Bytes that must be free for the programs of one process.
ROOM = 32 << 20
#: Days after which the programs of another machine, or of another TensorFlow, are removed.
UNUSED = 30
_FLAGS, _OPTION = "TF_XLA_FLAGS", "--tf_xla_persistent_cache_directory="
_DEVICES = "--tf_xla_persistent_cache_device_types=CPU"


def keep_compiled_programs(folder: Path) -> None:
    """Let TensorFlow, before it is loaded, take compiled programs from the folder and keep new ones there.

    Where that cannot be done, such as on a full disk, everything is compiled as without it.
    """
    # A child process inherits the flags, and gets a folder of its own.
    own = re.sub(rf"{_OPTION}{re.escape(str(folder))}\S* {_DEVICES}", "", os.environ.get(_FLAGS, "")).strip()
    # Flags are split at spaces, and read once.
    spaced = any(character.isspace() for character in str(folder))
    if sys.platform != "linux" or spaced or _OPTION in own or "tensorflow" in sys.modules or not _wanted():
        return
    os.environ.pop(_FLAGS, None)
    if own:
        os.environ[_FLAGS] = own
    store = folder / _machine()
    try:
        session = _opened(store)
    except OSError:
        return
    os.environ[_FLAGS] = f"{own} {_OPTION}{session} {_DEVICES}".strip()
    atexit.register(_close, store, session, os.getpid())


def _wanted() -> bool:
    return os.environ.get(SWITCH, "1") not in ("", "0")


def _machine() -> str:
    """A name of all that compiled code depends on, but for the program: TensorFlow only compares that."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    processor = sorted({line for line in info if line.startswith(("model name", "flags", "Features", "CPU part"))})
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(("TF_", "XLA_")))
    version = importlib.metadata.version("tensorflow")
    parts = [version, platform.machine(), str(len(os.sched_getaffinity(0))), *processor, *settings]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _opened(store: Path) -> Path:
    """A folder of this process with the programs that are whole.

    Raises:
        OSError: where there is none to be had.
    """
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    about = store.stat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise PermissionError(f"{store} can be written to by others, and its programs are run")
    with _held(store):
        _tidy(store)
        session = Path(tempfile.mkdtemp(prefix=".process-", dir=store))
        _lock(session, wait=False)  # as long as the process lives
        try:
            with (session / "room").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, ROOM)
            (session / "room").unlink()
            for program in _programs(store):
                if file_sha256(program) == program.suffix[1:]:
                    os.link(program, session / program.stem)
                else:
                    program.unlink()
        except OSError:
            remove(session)
            raise
    return session


def _close(store: Path, session: Path, process: int) -> None:
    """Keep what is new in the folder of a process, and remove it."""
    if os.getpid() != process:  # a child, which is not done yet or has programs of its own
        return
    with contextlib.suppress(OSError), _held(store):
        for program in session.glob("*.pb"):
            if program.stat().st_nlink == 1:
                program.rename(store / f"{program.name}.{file_sha256(program)}")
    remove(session)


def _tidy(store: Path) -> None:
    """Remove what processes that were killed left, the oldest programs beyond MOST, and what is of no use any more."""
    for session in store.glob(".process-*"):
        with contextlib.suppress(OSError):
            os.close(_lock(session, wait=False))
            remove(session)
    size = 0
    for program in sorted(_programs(store), key=lambda path: path.stat().st_mtime, reverse=True):
        size += program.stat().st_size
        if size > MOST:
            program.unlink()
    for other in store.parent.iterdir():
        if other != store and time.time() - other.stat().st_mtime > UNUSED * 86_400:
            remove(other)


def _programs(store: Path) -> list[Path]:
    return list(store.glob("*.pb.*"))


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    number = _lock(folder, wait=True)
    try:
        yield
    finally:
        os.close(number)


def _lock(folder: Path, wait: bool) -> int:
    """A file number that locks a folder until it is closed, or the process ends.

    Raises:
        OSError: where another process holds it, or the file system has no locks.
    """
    import fcntl

    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BaseException:
        os.close(number)
        raise
    return number
