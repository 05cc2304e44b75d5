"""Examples that a model is trained and evaluated on: those of a DataLoader, or of a dataset that the user made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from recframe.recommendation.api_errors import ApiValueError, require_positive, require_type
from recframe.recommendation.examples import ExampleColumns
from recframe.recommendation.vocab import Vocab

if TYPE_CHECKING:
    import tensorflow as tf


class Loader:
    """Examples of a recommendation model: what a user did, and what came next.

    Attributes:
        vocab: The items by id: `{'id', 'title', 'genres', 'count'}`.
        max_vocab_id: The largest id of an item.
        seed: Draws the order in which `gen_dataset` shuffles.
    """

    def __init__(self, dataset: tf.data.Dataset | None, size: int | None, vocab: Vocab) -> None:
        """Take a dataset of single examples: (features by name, label of shape [1]). It is read on first use.

        Args:
            size: Not used: the examples are counted when they are read.

        Raises:
            ApiValueError: The vocabulary is not a dict.
        """
        require_type("vocab", vocab, dict, "dict of items by id, as load_vocab gives")
        self.vocab = vocab
        self.max_vocab_id = max(vocab, default=0)
        self.seed = 0
        self._dataset = dataset

    @classmethod
    def _of(cls, examples: ExampleColumns, vocab: Vocab, seed: int) -> Self:
        loader = cls(None, None, vocab)
        loader.examples, loader.seed = examples, seed
        return loader

    @cached_property
    def examples(self) -> ExampleColumns:
        return ExampleColumns.of_dataset(self._dataset)

    @property
    def columns(self) -> Mapping[str, np.ndarray]:
        """int32 ids or float32 [examples, length] by input feature."""
        return self.examples.columns

    @property
    def labels(self) -> np.ndarray:
        """int32 [examples]; 0 is unknown."""
        return self.examples.labels

    @property
    def size(self) -> int:
        """The number of examples."""
        return len(self.labels)

    def __len__(self) -> int:
        return self.size

    def take(self, rows: np.ndarray | slice) -> Self:
        return self._of(self.examples.take(rows), self.vocab, self.seed)

    def split(self, fraction: float) -> tuple[Self, Self]:
        """The first int(size * fraction) examples, and the others."""
        if not 0 < fraction < 1:
            raise ApiValueError(f"fraction is {fraction}; it must be between 0 and 1")
        count = int(self.size * fraction)
        return self.take(slice(None, count)), self.take(slice(count, None))

    def gen_dataset(
        self,
        batch_size: int = 1,
        is_training: bool = False,
        shuffle: bool = False,
        input_pipeline_context: Any = None,
        preprocess: Callable[..., Any] | None = None,
        drop_remainder: bool | None = None,
        total_steps: int | None = None,
    ) -> tf.data.Dataset:
        """Batches of (features, label): the features with the label among them, and int32 [batch, 1].

        Args:
            shuffle: In training, draw a new order of all examples for each pass.
            input_pipeline_context: A tf.distribute.InputContext, for a worker's share of the examples.
            preprocess: Called as `preprocess(features, label, is_training)` on single examples.
            drop_remainder: Leave out a last batch that is not full. None: in training only.
            total_steps: At most so many batches.
        """
        import tensorflow as tf

        require_positive(batch_size=batch_size)
        if drop_remainder is None:
            drop_remainder = is_training and self.size >= batch_size
        labels = tf.constant(self.labels[:, None])
        columns = {name: tf.constant(values) for name, values in self.columns.items()}
        if self.examples.label_name:
            columns[self.examples.label_name] = labels

        def gather(rows: Any) -> tuple[dict[str, Any], Any]:
            return {name: tf.gather(values, rows) for name, values in columns.items()}, tf.gather(labels, rows)

        dataset = tf.data.Dataset.range(self.size)  # the examples of a batch are gathered together, by their rows
        context = input_pipeline_context
        if context and context.num_input_pipelines > 1:
            dataset = dataset.shard(context.num_input_pipelines, context.input_pipeline_id)
        if is_training and shuffle:
            dataset = dataset.shuffle(max(self.size, 1), seed=self.seed, reshuffle_each_iteration=True)
        if preprocess is None:
            dataset = dataset.batch(batch_size, drop_remainder).map(gather, tf.data.AUTOTUNE)
        else:
            dataset = dataset.map(lambda row: preprocess(*gather(row), is_training), tf.data.AUTOTUNE)
            dataset = dataset.batch(batch_size, drop_remainder)
        return (dataset if total_steps is None else dataset.take(total_steps)).prefetch(tf.data.AUTOTUNE)
