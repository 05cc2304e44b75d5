"""Loads TensorFlow for a command."""

from __future__ import annotations

import os

from recframe.files.cache import cache_folder
from recframe.process.compiled_programs import keep_compiled_programs
from recframe.process.native_output import quiet_native_output


def load_tensorflow() -> None:
    """Import TensorFlow without its remarks on the machine, and with the programs compiled before.

    Where TF_CPP_MIN_LOG_LEVEL is set, both are left to the user: each program from the cache makes a remark.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    keep_compiled_programs(cache_folder() / "compiled")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with quiet_native_output():
        import tensorflow as tf

        # The search for devices prints further messages.
        tf.config.list_physical_devices()
    tf.get_logger().setLevel("ERROR")  # in a multirun it warns of retracing, since each run has new functions
