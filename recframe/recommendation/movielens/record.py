"""Which arguments made the files of a folder: recorded beside meta.json, so that other arguments make new files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, field, frozen
from attrs.converters import optional

from recframe.files.json_text import parse_json
from recframe.proto.example_files import find_files, first_lists, shard_names, shard_pattern
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.movielens.staging import Staging

FORMAT = 2  # raised when the same arguments give other files
SPLITS = ("random", "leave_one_out")


@frozen
class Arguments:
    """The arguments of `generate_movielens_dataset`, checked; all but the folders."""

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

    def __attrs_post_init__(self) -> None:
        for name in ("min_timeline_length", "max_context_length", "max_context_movie_genre_length", "shards"):
            if getattr(self, name) < 1:
                raise ApiValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if self.seed < 0:
            raise ApiValueError(f"seed is {self.seed}; it must not be negative")
        if not 0 <= self.train_data_fraction <= 1:
            raise ApiValueError(f"train_data_fraction is {self.train_data_fraction}; it must be from 0 to 1")
        if self.split not in SPLITS:
            raise ApiValueError(f"split is {self.split!r}; it must be one of {', '.join(map(repr, SPLITS))}")
        names = [self.train_filename, self.test_filename, self.vocab_filename, self.meta_filename]
        if len(set(names)) < len(names):
            raise ApiValueError(f"two of the file names are equal: {', '.join(names)}")
        for name in names:
            if not name or Path(name).name != name:
                raise ApiValueError(f"{name!r} must be the name of a file, without a folder")

    @property
    def record_filename(self) -> str:
        return f"{Path(self.meta_filename).stem}.recframe.json"


def recorded_meta(folder: Path, arguments: Arguments, hashes: Mapping[str, str] | None) -> dict[str, Any] | None:
    """The meta data of the folder if the same arguments made it, of the same data, and its files are still there.

    Args:
        hashes: None where the data is gone: then only the arguments are compared.
    """
    record, meta = _read(folder / arguments.record_filename), _read(folder / arguments.meta_filename)
    if record is None or meta is None or record.get("format") != FORMAT or record.get("arguments") != asdict(arguments):
        return None
    if hashes is not None and record.get("data") != hashes:
        return None
    made = record["files"]
    sizes = {name: (folder / name).stat().st_size if (folder / name).is_file() else None for name in made}
    return located(meta, folder, arguments) if sizes == made else None


def foreign_meta(folder: Path, arguments: Arguments, sizes: tuple[int, int] | None) -> dict[str, Any] | None:
    """The meta data of a folder that Model Maker wrote, if it agrees with the arguments as far as can be seen.

    Args:
        sizes: Training and test examples that the arguments give; None where the data is gone.
    """
    meta = _read(folder / arguments.meta_filename)
    paths = [folder / arguments.train_filename, folder / arguments.test_filename]
    if meta is None or _read(folder / arguments.record_filename) is not None or not all(map(Path.is_file, paths)):
        return None
    if arguments.build_vocabs and not (folder / arguments.vocab_filename).is_file():
        return None
    if sizes is not None:
        lengths = {key: length for key, (_, length) in first_lists(find_files(paths[0])[:1]).items()}
        wanted = {
            "context_movie_id": arguments.max_context_length,
            "context_movie_genre": arguments.max_context_movie_genre_length,
        }
        if (meta.get("train_size"), meta.get("test_size")) != sizes:
            return None
        if lengths and not wanted.items() <= lengths.items():
            return None
    return located(meta, folder, arguments)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def located(meta: Mapping[str, Any], folder: Path, arguments: Arguments) -> dict[str, Any]:
    """The meta data with the paths of now: the folder may have been moved since it was made."""
    names = {
        "train_file": shard_pattern(arguments.train_filename, arguments.shards),
        "test_file": shard_pattern(arguments.test_filename, arguments.shards),
    }
    files = {key: names.get(key, Path(path).name) for key, path in meta.items() if key.endswith("_file")}
    return {**meta, **{key: str(folder / name) for key, name in files.items()}}


def write_record(files: Staging, meta: Mapping[str, Any], arguments: Arguments, hashes: Mapping[str, str]) -> None:
    """Write meta.json and, last of all, the record: a folder is only taken for whole when that is there."""
    sizes = {name: files.size(name) for name in files.names}
    files.path(arguments.meta_filename).write_text(json.dumps(meta, indent=2), encoding="utf-8")
    record = {"format": FORMAT, "arguments": asdict(arguments), "data": dict(hashes), "files": sizes}
    files.path(arguments.record_filename).write_text(json.dumps(record, indent=2), encoding="utf-8")


def forget(folder: Path, arguments: Arguments) -> None:
    """Before new files replace the old: remove what names them, and shards that would stay."""
    record = _read(folder / arguments.record_filename)
    # Without the meta data too: half of the new files could else pass for files that Model Maker wrote.
    (folder / arguments.meta_filename).unlink(missing_ok=True)
    (folder / arguments.record_filename).unlink(missing_ok=True)
    if record is None or record.get("format") != FORMAT:
        return
    for file in (arguments.train_filename, arguments.test_filename):
        old = set(shard_names(file, record["arguments"]["shards"])) & set(record["files"])
        for name in old - set(shard_names(file, arguments.shards)):
            (folder / name).unlink(missing_ok=True)
