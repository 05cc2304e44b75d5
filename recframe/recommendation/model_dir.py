"""What a training leaves in `model_dir`: the weights of each epoch, and curves for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from recframe.model.dual_encoder import DualEncoder
from recframe.training.checkpoints import CHECKPOINTS, write_weights

Curves = Callable[[int, Mapping[str, float]], None]


def save_epoch(folder: Path, model: DualEncoder, epoch: int) -> None:
    """Keep the weights as `checkpoints/epoch-N.weights.h5`: `model.model.load_weights` reads them."""
    write_weights(folder / CHECKPOINTS / f"epoch-{epoch}.weights.h5", model)


def open_curves(folder: Path) -> Curves:
    """A function that writes an epoch's figures to `summaries/train`, and those of `val_` to `summaries/validation`."""
    import tensorflow as tf

    # What `tf.summary.scalar` writes; that function itself needs the tensorboard package, which training does not.
    kind = tf.compat.v1.SummaryMetadata()
    kind.plugin_data.plugin_name = "scalars"
    kind.data_class = 1  # DATA_CLASS_SCALAR
    writers = {}

    def write(epoch: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            part, plain = ("validation", name.removeprefix("val_")) if name.startswith("val_") else ("train", name)
            if part not in writers:
                writers[part] = tf.summary.create_file_writer(str(folder / "summaries" / part))
            with writers[part].as_default(step=epoch):
                tf.summary.write(f"epoch_{plain}", tf.constant(value, tf.float32), metadata=kind)
        for writer in writers.values():
            writer.flush()

    return write
