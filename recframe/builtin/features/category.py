"""The common part of categorical feature types: a vocabulary, and an embedding of its ids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import DataError, EncodedFeature, FeatureContext, FeatureValues, option

if TYPE_CHECKING:
    import keras


@frozen
class CategoryOptions:
    """An embedded category."""

    embedding_dim: int | None = option(None, ge=1, help="Width of the embedding; none: model.width.")
    min_count: int = option(0, ge=0, help="Values with fewer training events are left out of the vocabulary.")
    max_vocabulary: int | None = option(
        None, ge=1, help="Keep only this many values in the vocabulary, the most frequent ones; none: all."
    )
    hash_buckets: int = option(
        0, ge=0, help="Number of further ids that values outside the vocabulary share by their hash; 0: they get id 0."
    )
    vocab_name: str | None = option(
        None,
        help="Text file with one value per line. The id of a value is its line number, from 0; the first line is for "
        "unknown values. min_count and max_vocabulary then have no effect; none: ids by falling count, or as "
        "vocab_size says.",
    )
    vocab_size: int | None = option(
        None,
        ge=2,
        help="With vocab_name: the largest number of lines in the file. Without it: integers are their own ids if they "
        "are from 1 to vocab_size - 1; of other values, the vocab_size - 1 most frequent are kept.",
    )


def encode_category(options: CategoryOptions, values: FeatureValues) -> EncodedFeature:
    """Give values ids: from a file, as integers that are their own ids, or by falling count. Id 0 is unknown."""
    if options.vocab_name is not None:
        encoded = _from_file(Path(options.vocab_name), options.vocab_size, values)
    elif options.vocab_size is not None and values.values.dtype.kind in "iu":
        encoded = _integer_ids(options.vocab_size, values)
    else:
        sizes = (options.max_vocabulary, options.vocab_size and options.vocab_size - 1)
        encoded = _by_count(values, min((n for n in sizes if n is not None), default=None), options.min_count)
    return _with_hashes(encoded, options.hash_buckets, values) if options.hash_buckets else encoded


def _by_count(values: FeatureValues, limit: int | None, min_count: int) -> EncodedFeature:
    """Ids from 1 by falling count; equal counts keep the order of the values.

    An empty text is unknown too, since it is the entry of id 0 in the vocabulary that an app reads.
    """
    import numpy as np

    from recframe import text_of

    order = np.lexsort((np.arange(len(values.values)), -values.counts))
    order = order[values.counts[order] >= min_count]
    if values.values.dtype.kind in "OU":
        order = order[values.values[order] != ""]
    order = order[:limit]
    codes = np.zeros(len(values.values), np.int32)
    codes[order] = np.arange(1, len(order) + 1, dtype=np.int32)
    return EncodedFeature(codes, ("", *(text_of(value) for value in values.values[order])))


def _integer_ids(size: int, values: FeatureValues) -> EncodedFeature:
    import numpy as np

    inside = (values.values > 0) & (values.values < size)
    return EncodedFeature(np.where(inside, values.values, 0).astype(np.int32), ("", *map(str, range(1, size))))


def _from_file(path: Path, size: int | None, values: FeatureValues) -> EncodedFeature:
    import numpy as np

    from recframe import text_of

    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # `splitlines` parts values too
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"vocab_name: {path} cannot be read: {error}") from None
    if size is not None and len(lines) > size:
        raise DataError(f"vocab_name: {path} has {len(lines)} lines, but vocab_size is {size}; make vocab_size larger")
    # A value that occurs twice has its first line as id, and line 0 is for unknown values.
    ids = {line: index for index, line in reversed(list(enumerate(lines))) if index}
    codes = np.array([ids.get(text_of(value), 0) for value in values.values], np.int32)
    return EncodedFeature(codes, tuple(lines))


def _with_hashes(encoded: EncodedFeature, buckets: int, values: FeatureValues) -> EncodedFeature:
    """Give values outside the vocabulary ids after it, by their hash. Missing values and empty texts stay unknown."""
    import numpy as np

    from recframe import hashed_id, text_of

    vocabulary = encoded.vocabulary or ("",)
    statistics = {"hash_from": len(vocabulary), "hash_buckets": buckets}
    codes = encoded.codes.copy()
    for row in np.flatnonzero(codes == 0):
        text = text_of(values.values[row])
        if text not in ("", vocabulary[0]):
            codes[row] = hashed_id(text, statistics)
    return EncodedFeature(codes, (*vocabulary, *(f"<other {i}>" for i in range(buckets))), statistics)


def build_embedding(options: CategoryOptions, context: FeatureContext) -> keras.Layer:
    import keras

    return keras.layers.Embedding(context.size, options.embedding_dim or context.width)
