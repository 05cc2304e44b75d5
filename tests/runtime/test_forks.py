"""A fork while another thread recommends: the child answers, and does not wait for a thread that it has not."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from recframe.process import fork_safe
from recframe.runtime import Bundle
from tests.runtime.bundles import export

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
#: A child that hangs is ended by the alarm.
SECONDS = 20


def _child_ends_well(work: object) -> bool:
    """Whether a child does the work and ends."""
    pid = os.fork()
    if pid == 0:
        import signal

        signal.alarm(SECONDS)
        os._exit(0 if work() else 1)  # type: ignore[operator]
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_lock_that_another_thread_holds_is_free_in_a_child() -> None:
    lock, taken, leave = fork_safe.fork_safe_lock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            leave.wait(SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(SECONDS)
    threading.Timer(0.2, leave.set).start()  # whoever forks waits for it
    begun = time.monotonic()
    assert _child_ends_well(lambda: lock.acquire(timeout=1))
    assert time.monotonic() - begun >= 0.1
    holder.join()
    with lock:  # the parent's too
        pass


def test_a_thread_that_makes_a_lock_while_it_holds_one_does_not_stop_a_fork() -> None:
    outer, stop = fork_safe.fork_safe_lock(), threading.Event()

    def make() -> None:
        while not stop.is_set():
            with outer:
                fork_safe.fork_safe_lock()

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    assert all(_child_ends_well(lambda: outer.acquire(timeout=1)) for _ in range(20))
    stop.set()
    maker.join()


def test_children_forked_in_the_middle_of_calls_answer_as_the_parent(tmp_path: Path) -> None:
    bundle = Bundle(export(tmp_path / "export"))
    history = bundle.labels[1:5]
    expected, many = bundle.recommend(history), bundle.recommend(history, k=20)
    stop = threading.Event()

    def recommend() -> None:
        while not stop.is_set():
            bundle.recommend(history)
            bundle.recommend(history, k=20)

    threads = [threading.Thread(target=recommend, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    asked = [lambda: bundle.recommend(history) == expected, lambda: bundle.recommend(history, k=20) == many] * 15
    answered = sum(_child_ends_well(work) for work in asked)
    stop.set()
    for thread in threads:
        thread.join()
    assert answered == len(asked)
