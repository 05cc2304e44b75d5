"""Curves for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

#: The name of the folder for curves in a run folder.
TENSORBOARD = "tensorboard"

Board = Callable[[int, Mapping[str, float]], None]


def open_board(folder: Path | None, prefix: str = "") -> Board:
    """A function that writes an epoch's scalars into a folder. Without a folder, it does nothing.

    Args:
        prefix: Stands before each scalar's name in its tag.
    """
    if folder is None:
        return lambda epoch, scalars: None
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder))
    # The same as `tf.summary.scalar`, which would need the tensorboard package.
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
