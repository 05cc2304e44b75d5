"""Stops a command on Ctrl-C or SIGTERM. Both raise an exception, so that nothing half-written stays behind.

Python handles a signal only when a native call returns, such as an epoch of compiled steps. If a command still runs
some seconds after the signal, its process is ended. The file that it was writing then has a hidden name, and the next
command removes it (see recframe.files). Its locks end with the process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from recframe.errors.terminal import printable_lines

#: Seconds that a command has to clean up.
GRACE = 5.0
_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived. It is handled like Ctrl-C."""


@contextlib.contextmanager
def sigterm_raises() -> Iterator[None]:
    """In the block SIGTERM raises `Terminated`, and the process ends within seconds of SIGTERM or Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread can set a handler.
        return

    def stop(signum: int, frame: Any) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with _ends_in_time():
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _ends_in_time() -> Iterator[None]:
    """In the block a thread ends the process if the block still runs some seconds after a signal."""
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    block_ended = threading.Event()
    # The interpreter's own handler writes to it at once, even during a native call.
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=_watch, args=(receiver, block_ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        block_ended.set()
        signal.set_wakeup_fd(before)
        sender.close()  # ends the thread
        thread.join()


def _watch(receiver: socket.socket, block_ended: threading.Event) -> None:
    with receiver:
        while signals := receiver.recv(1):
            code = _CODES.get(signal.Signals(signals[0]))
            if code is not None and not block_ended.wait(GRACE):
                show_cursor = b"\x1b[?25h" if os.isatty(2) else b""  # show the cursor, which a progress bar hides
                os.write(2, show_cursor + b"stopped in the middle of a long call\n")
                os._exit(code)


def interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The Ctrl-C that is the error or its cause: Ctrl-C while a module is imported may give an ImportError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def report_interrupt(stop: KeyboardInterrupt) -> int:
    """Print that the command was stopped, and return the exit code."""
    print(printable_lines("\n  ".join(["stopped", *notes_of(stop)])), file=sys.stderr)
    return 143 if isinstance(stop, Terminated) else 130


def notes_of(error: BaseException) -> list[str]:
    """The notes that callers added to the error, such as what is kept of a run that ended early."""
    return list(getattr(error, "__notes__", []))
