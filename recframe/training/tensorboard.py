"""Curves for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

#: The folder of the curves in a run folder.
TENSORBOARD = "tensorboard"


def open_board(folder: Path | None) -> Callable[[int, dict[str, float]], None]:
    """A function that writes an epoch's scalars into a run folder, or without one does nothing."""
    if folder is None:
        return lambda epoch, scalars: None
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder / TENSORBOARD))
    # What `tf.summary.scalar` writes; that function itself needs the tensorboard package, which training does not.
    kind = tf.compat.v1.SummaryMetadata()
    kind.plugin_data.plugin_name = "scalars"
    kind.data_class = 1  # DATA_CLASS_SCALAR

    def write(epoch: int, scalars: dict[str, float]) -> None:
        with writer.as_default(step=epoch):
            for name, value in scalars.items():
                tf.summary.write(name.replace("@", "_at_"), tf.constant(value, tf.float32), metadata=kind)
            writer.flush()

    return write
