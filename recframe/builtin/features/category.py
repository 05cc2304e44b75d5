"""What the categorical feature types share: a vocabulary, and an embedding of its ids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import DataError, EncodedFeature, FeatureContext, FeatureValues, option

if TYPE_CHECKING:
    import keras


@frozen
class CategoryOptions:
    """A category, embedded."""

    embedding_dim: int | None = option(None, ge=1, help="Width of the embedding; none: model.width.")
    min_count: int = option(0, ge=0, help="Values with fewer training events are left out of the vocabulary.")
    max_vocabulary: int | None = option(
        None, ge=1, help="How many values the vocabulary keeps, the most frequent; none: all."
    )
    hash_buckets: int = option(
        0, ge=0, help="Number of ids that values outside the vocabulary share by their hash; 0: they are unknown, id 0."
    )
    vocab_name: str | None = option(
        None, help="Text file with a value a line; line numbers, from 0, are ids, 0 is unknown; none: by falling count."
    )
    vocab_size: int | None = option(
        None,
        ge=2,
        help="Without vocab_name, integers below this are their own ids; with it, the most lines the file may have.",
    )


def encode_category(options: CategoryOptions, values: FeatureValues) -> EncodedFeature:
    """Give the values their ids: from a file, or as they are, or by falling count. Id 0 is padding and unknown."""
    if options.vocab_name is not None:
        encoded = _from_file(Path(options.vocab_name), options.vocab_size, values)
    elif options.vocab_size is not None and values.values.dtype.kind in "iu":
        encoded = _as_they_are(options.vocab_size, values)
    else:
        sizes = (options.max_vocabulary, options.vocab_size and options.vocab_size - 1)
        encoded = _by_count(values, min((n for n in sizes if n is not None), default=None), options.min_count)
    return _with_hashes(encoded, options.hash_buckets, values) if options.hash_buckets else encoded


def _by_count(values: FeatureValues, limit: int | None, min_count: int) -> EncodedFeature:
    """Ids from 1 by falling count, ties in the values' own order.

    An empty text is unknown too: it stands for id 0 in the vocabulary, in which the phone looks values up.
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


def _as_they_are(size: int, values: FeatureValues) -> EncodedFeature:
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
        raise DataError(f"vocab_name: {path} has {len(lines)} lines, and vocab_size is {size}")
    # A value that occurs twice keeps its first id, and line 0 stands for unknown values.
    ids = {line: index for index, line in reversed(list(enumerate(lines))) if index}
    codes = np.array([ids.get(text_of(value), 0) for value in values.values], np.int32)
    return EncodedFeature(codes, tuple(lines))


def _with_hashes(encoded: EncodedFeature, buckets: int, values: FeatureValues) -> EncodedFeature:
    """Ids after the vocabulary for the values outside; missing values and empty texts stay unknown."""
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
