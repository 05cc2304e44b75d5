"""How MovieLens examples are to be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, fields_dict, frozen
from attrs.converters import optional

from recframe.proto.example_files import shard_pattern
from recframe.recommendation.api_errors import ApiValueError, require_file_names, require_positive

SPLITS = ("random", "leave_one_out")


@frozen
class Arguments:
    """The arguments of `generate_movielens_dataset` except the folders, checked."""

    train_filename: str
    test_filename: str
    vocab_filename: str
    meta_filename: str
    min_timeline_length: int = field(converter=int)
    max_context_length: int = field(converter=int)
    max_context_movie_genre_length: int = field(converter=int)
    min_rating: float | None = field(converter=optional(float))
    train_data_fraction: float = field(converter=float)
    build_vocabs: bool = field(converter=bool)
    seed: int = field(converter=int)
    shards: int = field(converter=int)
    split: str

    @classmethod
    def among(cls, values: Mapping[str, Any]) -> Arguments:
        """Picks them from all arguments of a call."""
        return cls(**{name: values[name] for name in fields_dict(cls)})

    def __attrs_post_init__(self) -> None:
        sizes = ("min_timeline_length", "max_context_length", "max_context_movie_genre_length", "shards")
        require_positive(**{name: getattr(self, name) for name in sizes})
        if self.seed < 0:
            raise ApiValueError(f"seed is {self.seed}; it must not be negative")
        if not 0 <= self.train_data_fraction <= 1:
            raise ApiValueError(f"train_data_fraction is {self.train_data_fraction}; it must be from 0 to 1")
        if self.split not in SPLITS:
            raise ApiValueError(f"split is {self.split!r}; it must be one of {', '.join(map(repr, SPLITS))}")
        files = ("train_filename", "test_filename", "vocab_filename", "meta_filename")
        require_file_names(**{name: getattr(self, name) for name in files})

    @property
    def parts(self) -> dict[str, str]:
        """The file name of each part, without the number of a shard."""
        return {"train": self.train_filename, "test": self.test_filename}

    @property
    def patterns(self) -> dict[str, str]:
        """The name or pattern of each part's files, by its key in meta.json."""
        return {f"{part}_file": shard_pattern(name, self.shards) for part, name in self.parts.items()}
