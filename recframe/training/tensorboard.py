"""Curves for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

#: The folder of the curves in a run folder.
TENSORBOARD = "tensorboard"

Board = Callable[[int, Mapping[str, float]], None]


def open_board(folder: Path | None, prefix: str = "") -> Board:
    """A function that writes an epoch's scalars into a folder, or without one does nothing.

    Args:
        prefix: What a scalar's tag begins with, before its name.
    """
    if folder is None:
        return lambda epoch, scalars: None
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder))
    # What `tf.summary.scalar` writes; that function itself needs the tensorboard package, which training does not.
    kind = tf.compat.v1.SummaryMetadata()
    kind.plugin_data.plugin_name = "scalars"
    kind.data_class = 1  # DATA_CLASS_SCALAR

    def write(epoch: int, scalars: Mapping[str, float]) -> None:
        with writer.as_default(step=epoch):
            for name, value in scalars.items():
                tag = prefix + name.replace("@", "_at_")
                tf.summary.write(tag, tf.constant(value, tf.float32), metadata=kind)
            writer.flush()

    return write
