"""`recommendation.DataLoader`: Model Maker's loader, with the same names, order of arguments and defaults."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Self

from recframe.errors import DataError
from recframe.plugin.manager import load_plugins
from recframe.plugin.types import DatasetContext
from recframe.recommendation.api_errors import ApiValueError, require_positive
from recframe.recommendation.feature_columns import read_spec
from recframe.recommendation.loader import Loader
from recframe.recommendation.movielens.arguments import Arguments
from recframe.recommendation.tfrecords import load_examples
from recframe.recommendation.vocab import label_vocab, load_vocab

StrPath = str | PathLike[str]
TRAIN_FILE, TEST_FILE = "train_movielens_1m.tfrecord", "test_movielens_1m.tfrecord"
VOCAB_FILE, META_FILE = "movie_vocab.json", "meta.json"
NO_TEXT = "\x1f"  # a separator that no text contains
logger = logging.getLogger("recframe.recommendation")


class DataLoader(Loader):
    """Makes examples of MovieLens, of tables and of TFRecord files."""

    load_vocab = staticmethod(load_vocab)

    @classmethod
    def download_and_extract_movielens(cls, download_dir: StrPath) -> str:
        """The folder of MovieLens-1M's .dat files, `download_dir/datasets/ml-1m`, which is downloaded if it is missing.

        Raises:
            DataError: The network fails, or the file is not the one that GroupLens published.
        """
        dataset = load_plugins().datasets["movielens"]
        folder = Path(download_dir).expanduser() / "datasets"
        context = DatasetContext(0, folder, logger.info, option={"path": "data_dir"}.get)
        return str(dataset.files(dataset.options(variant="1m"), context).paths[0].parent)

    @classmethod
    def generate_movielens_dataset(
        cls,
        data_dir: StrPath,
        generated_examples_dir: StrPath | None = None,
        train_filename: str = TRAIN_FILE,
        test_filename: str = TEST_FILE,
        vocab_filename: str = VOCAB_FILE,
        meta_filename: str = META_FILE,
        min_timeline_length: int = 3,
        max_context_length: int = 10,
        max_context_movie_genre_length: int = 10,
        min_rating: float | None = None,
        train_data_fraction: float = 0.9,
        build_vocabs: bool = True,
        seed: int = 0,
        shards: int = 1,
        split: str = "random",
    ) -> dict[str, Any]:
        """Write TFRecord files of tf.train.Examples, and vocabularies, unless the same arguments made them before.

        Args:
            data_dir: An unpacked MovieLens set of any layout.
            generated_examples_dir: The folder of the files; None for `data_dir`.
            min_timeline_length: Users with fewer ratings, of at least `min_rating`, are left out.
            max_context_length: The latest movies before the label that an example holds.
            max_context_movie_genre_length: The first genres of these movies that an example holds.
            seed: Draws the split, and the order of equal times.
            split: 'random', or 'leave_one_out', which tests each user's last movie.

        Returns:
            The content of meta.json: sizes and paths of the files.

        Raises:
            DataError: The ratings cannot be used, or the folder cannot be written to.
        """
        return _generated(data_dir, generated_examples_dir, Arguments.among(locals()))

    @classmethod
    def get_num_classes(cls, meta: Mapping[str, Any]) -> int:
        """`vocab_size` for the movies: one more than the largest id."""
        if "vocab_max_id" not in meta:
            raise DataError("meta has no 'vocab_max_id': generate the examples with build_vocabs=True")
        return int(meta["vocab_max_id"]) + 1

    @classmethod
    def from_movielens(
        cls,
        data_dir: StrPath,
        data_tag: str,
        input_spec: Any,
        generated_examples_dir: StrPath | None = None,
        min_timeline_length: int = 3,
        max_context_length: int = 10,
        max_context_movie_genre_length: int = 10,
        min_rating: float | None = None,
        train_data_fraction: float = 0.9,
        build_vocabs: bool = True,
        train_filename: str = TRAIN_FILE,
        test_filename: str = TEST_FILE,
        vocab_filename: str = VOCAB_FILE,
        meta_filename: str = META_FILE,
        seed: int = 0,
        shards: int = 1,
        split: str = "random",
    ) -> Self:
        """The training or test examples of a MovieLens set; see `generate_movielens_dataset`.

        Args:
            data_tag: 'train' or 'test'.
            input_spec: The features and their lengths. Ids outside of a feature's table become 0.

        Raises:
            ApiValueError: `data_tag` or the spec is wrong.
            DataError: The data cannot be used.
        """
        if data_tag not in ("train", "test"):
            raise ApiValueError(f"data_tag is {data_tag!r}; it must be 'train' or 'test'")
        read_spec(input_spec)  # its mistakes are reported before files are made
        meta = _generated(data_dir, generated_examples_dir, Arguments.among(locals()))
        folder = Path(generated_examples_dir or data_dir).expanduser()
        vocab = cls.load_vocab(meta.get("vocab_file", folder / vocab_filename))
        return cls._of(load_examples(meta[f"{data_tag}_file"], input_spec, folder, {}), vocab, seed)

    @classmethod
    def from_dataframe(
        cls,
        df: Any,
        input_spec: Any,
        mapping: Mapping[str, str] | None = None,
        vocab_dir: StrPath | None = None,
        min_timeline_length: int = 3,
        max_context_length: int | None = None,
        separator: str | None = "|",
        seed: int = 0,
    ) -> Self:
        """The examples of a table with one row an event, made as those of MovieLens are.

        Each event of a user except the first is a label, and the latest events before it are its context. A feature
        with several words an event, such as genres, holds the first words of the context.

        Args:
            df: A Polars, pandas or Arrow table. Times are numbers of any unit, dates, or texts in ISO 8601.
            mapping: The columns of 'user', 'item' and 'timestamp', of features, and of 'title' and 'genres' for the
                vocabulary. A name without an entry is a column's own. Features with the label's ids hold the items.
            vocab_dir: Folder of the vocabulary files; a missing file is made of this table. Training and test need
                the same folder. None makes vocabularies for this table alone.
            max_context_length: The events that an example looks back at; None takes the features' lengths.
            separator: Separates the words of a text; None leaves texts, and the words of a list, whole.
            seed: Draws the order of equal times, and the order in which `gen_dataset` shuffles.

        Raises:
            DataError: A column is missing, or its values do not fit its feature.
        """
        from recframe.recommendation.events.columns import read_events
        from recframe.recommendation.events.examples import table_examples
        from recframe.recommendation.events.word_ids import WordIds
        from recframe.recommendation.examples import windows_of

        require_positive(min_timeline_length=min_timeline_length, max_context_length=max_context_length)
        registries = load_plugins()
        separator = NO_TEXT if separator is None else separator
        events, columns = read_events(df, input_spec, mapping or {}, registries, seed, separator)
        windows = windows_of(events, min_timeline_length)
        with tempfile.TemporaryDirectory() as own:
            word_ids = WordIds(Path(own if vocab_dir is None else vocab_dir).expanduser(), registries)
            made = table_examples(events, columns, windows, word_ids, max_context_length, separator)
        return cls._of(*made, seed)

    @classmethod
    def from_csv(cls, path: StrPath, input_spec: Any, mapping: Mapping[str, str] | None = None, **options: Any) -> Self:
        """The examples of a CSV file with a header; `options` are those of `from_dataframe`."""
        return cls.from_dataframe(Path(path).expanduser(), input_spec, mapping, **options)

    @classmethod
    def from_tfrecord(
        cls,
        path: StrPath,
        input_spec: Any,
        vocab_file: StrPath | None = None,
        mapping: Mapping[str, str] | None = None,
        vocab_dir: StrPath | None = None,
        seed: int = 0,
    ) -> Self:
        """The examples of TFRecord files of tf.train.Examples, such as Model Maker's.

        Args:
            path: A file, or a pattern of files.
            vocab_file: A movie_vocab.json; None makes an item of each label.
            mapping: The key of a feature in the files, if it is not the feature's name.
            vocab_dir: Folder of the vocabulary files; None for the folder of the examples.

        Raises:
            DataError: A file is missing or damaged, or lacks a feature.
        """
        files = Path(path).expanduser()
        folder = files.parent if vocab_dir is None else Path(vocab_dir).expanduser()
        examples = load_examples(files, input_spec, folder, mapping or {})
        vocab = label_vocab(examples.labels) if vocab_file is None else cls.load_vocab(vocab_file)
        return cls._of(examples, vocab, seed)


def _generated(data_dir: StrPath, folder: StrPath | None, arguments: Arguments) -> dict[str, Any]:
    from recframe.recommendation.movielens.examples import generate

    return generate(Path(data_dir).expanduser(), Path(folder or data_dir).expanduser(), arguments, load_plugins())
