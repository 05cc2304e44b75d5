"""Does a model learn with Model Maker's own settings (Adagrad 0.1, clip 1, batch 16, ReLU on the projection, width 8)?

    python -m benchmarks.learning [FOLDER] [--epochs N] [--seeds 1,2,3] [--encoders BOW,CNN,LSTM] [--start original]

FOLDER is a MovieLens set; without one, data of MovieLens-1M's shape is made up. Printed for each encoder and seed: loss
and Recall@10 on the test examples, beside popularity's, and the share of the projection's units that are not 0.
`--start original` begins where Model Maker began. It asserts nothing.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from benchmarks.examples import write_dat
from recframe import recommendation
from recframe.builtin.datasets.synthetic.dataset import SyntheticOptions, load
from recframe.plugin.types import DatasetContext

TAGS = ("train", "test")
HPARAMS = recommendation.spec.ModelHParams(
    hidden_layer_dims=[32, 32],
    eval_top_k=[10],
    conv_num_filter_ratios=[2, 4],
    conv_kernel_size=16,
    lstm_num_units=16,
    num_predictions=10,
)


def input_spec(encoder: str, size: int) -> recommendation.spec.InputSpec:
    """The movies of the context, and the next one."""
    ids = {"feature_type": "INT", "vocab_size": size, "embedding_dim": 8}
    context = {"feature_name": "context_movie_id", "feature_length": 10, **ids}
    return recommendation.spec.InputSpec(
        activity_feature_groups=[{"features": [context], "encoder_type": encoder}],
        label_feature={"feature_name": "label_movie_id", "feature_length": 1, **ids},
    )


def made_up(folder: Path, users: int = 6040) -> Path:
    """A set of MovieLens-1M's shape."""
    options = SyntheticOptions(users=users, items=3416, events_per_user=165)
    return write_dat(load(options, DatasetContext(seed=1, cache=folder)), folder / "made-up")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--encoders", default="BOW,CNN,LSTM")
    parser.add_argument("--start", choices=("cured", "original"), default="cured")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    loader = recommendation.DataLoader
    with tempfile.TemporaryDirectory() as name:
        data = args.folder or made_up(Path(name))
        meta = loader.generate_movielens_dataset(data, name)
        size = loader.get_num_classes(meta)
        shape = input_spec("BOW", size)
        train, test = (
            loader.from_movielens(data, tag, shape, generated_examples_dir=name) for tag in ("train", "test")
        )
    popular = np.argsort(-np.bincount(train.labels, minlength=size))[:10]
    print(f"{len(train):,} examples, {size - 1:,} ids, {args.epochs} epochs of batches of 16, start: {args.start}")
    print(f"loss of equal scores {np.log(size):.3f}; popularity's Recall@10 {np.isin(test.labels, popular).mean():.4f}")
    for encoder in args.encoders.split(","):
        for seed in map(int, args.seeds.split(",")):
            spec = recommendation.ModelSpec(
                input_spec(encoder, size), HPARAMS, seed=seed, original_start=args.start == "original"
            )
            began = time.perf_counter()
            task = recommendation.create(train, spec, steps_per_epoch=None, epochs=args.epochs)
            seconds = time.perf_counter() - began
            figures = task.evaluate(test, batch_size=512).as_dict()
            assert task.model is not None
            vectors = np.asarray(task.model({name: tf.constant(v[:512]) for name, v in test.columns.items()}))
            print(
                f"{encoder:5} seed {seed}: loss {figures['loss']:.3f}  Recall@10 "
                f"{figures['Global_Recall/Recall_10']:.4f}  active {np.mean(vectors > 0):4.0%}  {seconds:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
