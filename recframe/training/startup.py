"""Loading TensorFlow for the command line."""

from __future__ import annotations

import os

from recframe.manager import load_plugins
from recframe.quiet import quiet_native_output
from recframe.specs import ExperimentSpec


def start_for(spec: ExperimentSpec) -> None:
    """Look whether the data is there, which takes no time, and load TensorFlow, which takes seconds.

    Raises:
        DataError: where the data is not there.
    """
    load_plugins().datasets[spec.dataset.type].check(spec.dataset.options)
    load_tensorflow()


def load_tensorflow() -> None:
    """Import TensorFlow without its remarks on the machine, unless TF_CPP_MIN_LOG_LEVEL asks for them."""
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with quiet_native_output():
        import tensorflow as tf

        # Looking for devices writes once more.
        tf.config.list_physical_devices()
    tf.get_logger().setLevel("ERROR")  # in a multirun it takes the functions of one run after another for retracing
