"""Examples that a model trains on and is evaluated on: in memory, or in a dataset that the user made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        seed: Of the order in which `gen_dataset` shuffles.
    """

    def __init__(self, dataset: tf.data.Dataset | None, size: int | None, vocab: Vocab) -> None:
        """Take a dataset of single examples: (features by name, label of shape [1]).

        Args:
            size: How many examples it has; None counts them when that is first asked for.

        Raises:
            ApiValueError: The vocabulary is not a dict; it is a ValueError too.
        """
        require_type("vocab", vocab, dict, "dict of items by id, as load_vocab gives")
        self.vocab = vocab
        self.max_vocab_id = max(vocab, default=0)
        self.seed = 0
        self._dataset = dataset
        self._size = size
        self._examples: ExampleColumns | None = None

    @classmethod
    def _of(cls, examples: ExampleColumns, vocab: Vocab, seed: int = 0) -> Self:
        loader = cls(None, len(examples.labels), vocab)
        loader._examples, loader.seed = examples, seed
        return loader

    @property
    def columns(self) -> Mapping[str, np.ndarray]:
        """int32 ids or float32 [examples, length] by input feature; a user's own dataset is read at the first use."""
        return self.examples.columns

    @property
    def labels(self) -> np.ndarray:
        """int32 [examples]; 0 is unknown."""
        return self.examples.labels

    @property
    def vocabularies(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of the vocabulary file of each feature that was looked up in one."""
        return self.examples.vocabularies

    @property
    def examples(self) -> ExampleColumns:
        """The examples in memory."""
        if self._examples is None:
            assert self._dataset is not None
            self._examples = ExampleColumns.of_dataset(self._dataset)
            self._size = len(self._examples.labels)
        return self._examples

    @property
    def size(self) -> int:
        """The number of examples."""
        return len(self.labels) if self._size is None else self._size

    def __len__(self) -> int:
        return self.size

    def take(self, rows: np.ndarray) -> Self:
        """Some of the examples."""
        return self._of(self.examples.take(rows), self.vocab, self.seed)

    def split(self, fraction: float) -> tuple[Self, Self]:
        """Two loaders: the first int(size * fraction) examples, and the others, in their order."""
        if not 0 < fraction < 1:
            raise ApiValueError(f"fraction is {fraction}; it must be between 0 and 1")
        count = int(self.size * fraction)
        if self._dataset is not None:
            first = type(self)(self._dataset.take(count), count, self.vocab)
            second = type(self)(self._dataset.skip(count), self.size - count, self.vocab)
            first.seed = second.seed = self.seed
            return first, second
        examples, halves = self.examples, (slice(None, count), slice(count, None))
        first, second = (self._of(examples.take(rows), self.vocab, self.seed) for rows in halves)
        return first, second

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
            shuffle: Draw a new order of all examples for each pass, when training; from the loader's seed.
            input_pipeline_context: A tf.distribute.InputContext: this worker's share of the examples.
            preprocess: Called as `preprocess(features, label, is_training)` on single examples.
            drop_remainder: Leave out a last batch that is not full. None does so in training, where the next pass has
                another order, and never in evaluation, which counts every example. (Model Maker always did.)
            total_steps: At most so many batches. The data is never repeated.
        """
        import tensorflow as tf

        require_positive(batch_size=batch_size)
        if drop_remainder is None:
            drop_remainder = is_training and self.size >= batch_size
        # Of examples in memory only the row numbers are shuffled, and batches are gathered by them.
        look_up = None if self._dataset is not None else self._look_up()
        dataset = tf.data.Dataset.range(self.size) if self._dataset is None else self._dataset
        context = input_pipeline_context
        if context and context.num_input_pipelines > 1:
            dataset = dataset.shard(context.num_input_pipelines, context.input_pipeline_id)
        if is_training and shuffle:  # in a buffer of every example: a smaller one leaves neighbours together
            dataset = dataset.shuffle(max(self.size, 1), seed=self.seed, reshuffle_each_iteration=True)
        if preprocess is not None:
            single = dataset if look_up is None else dataset.map(look_up, tf.data.AUTOTUNE)
            dataset = single.map(lambda features, label: preprocess(features, label, is_training), tf.data.AUTOTUNE)
            look_up = None
        dataset = dataset.batch(batch_size, drop_remainder=drop_remainder)
        if look_up is not None:
            dataset = dataset.map(look_up, tf.data.AUTOTUNE)
        return (dataset if total_steps is None else dataset.take(total_steps)).prefetch(tf.data.AUTOTUNE)

    def _look_up(self) -> Callable[[Any], tuple[dict[str, Any], Any]]:
        """What gives, within TensorFlow, the features and the label of row numbers; the label is a feature too."""
        import tensorflow as tf

        columns = {**self.columns, self.examples.label_name: self.labels[:, None]}
        tensors = {name: tf.constant(values) for name, values in columns.items()}

        def rows(index: Any) -> tuple[dict[str, Any], Any]:
            features = {name: tf.gather(values, index) for name, values in tensors.items()}
            return features, features[self.examples.label_name]

        return rows
