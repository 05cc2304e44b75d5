"""Standard error is restored after native code was silenced, in whatever order threads leave the block."""

import os
import threading

import pytest

from recframe.process.native_output import quiet_native_output


def test_standard_error_is_restored_after_two_threads_overlapped(capfd: pytest.CaptureFixture[str]) -> None:
    entered, may_leave = threading.Event(), threading.Event()

    def second() -> None:
        with quiet_native_output():
            entered.set()
            may_leave.wait(10)

    thread = threading.Thread(target=second)
    with quiet_native_output():
        thread.start()
        assert entered.wait(10)
    os.write(2, b"while the other is silent")
    may_leave.set()
    thread.join()
    os.write(2, b"after both")
    assert capfd.readouterr().err == "after both"


def fail_quietly() -> None:
    with quiet_native_output():
        os.write(2, b"lost")
        raise ValueError("inside")


def test_an_error_in_the_block_restores_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="inside"):
        fail_quietly()
    os.write(2, b"kept")
    assert capfd.readouterr().err == "kept"
