"""Which arguments made the files of a folder: recorded beside meta.json, so that other arguments make new files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from recframe.files.json_text import parse_json
from recframe.files.staging import put_in_place
from recframe.proto.example_files import first_lists, shard_names
from recframe.recommendation.movielens.arguments import Arguments

FORMAT = 2  # raised when the same arguments give other files


@frozen
class ExamplesFolder:
    """A folder where certain arguments put their files, if they have been used there."""

    path: Path
    arguments: Arguments

    def recorded(self, hashes: Mapping[str, str] | None) -> dict[str, Any] | None:
        """Its meta data if the same arguments made it, of the same data, and its files are still there.

        Args:
            hashes: Of the data's files by name; None where they are gone: then only the arguments are compared.
        """
        record, meta = self._record(), _read(self.meta_path)
        if record is None or meta is None or record.get("format") != FORMAT:
            return None
        if record.get("arguments") != asdict(self.arguments) or hashes not in (None, record.get("data")):
            return None
        paths = {name: self.path / name for name in record["files"]}
        sizes = {name: path.stat().st_size if path.is_file() else None for name, path in paths.items()}
        return self._located(meta) if sizes == record["files"] else None

    def of_model_maker(self, sizes: tuple[int, int] | None) -> dict[str, Any] | None:
        """Its meta data if Model Maker wrote it, and it agrees with the arguments as far as can be seen.

        Args:
            sizes: Training and test examples that the arguments give; None where the data is gone.
        """
        arguments, meta = self.arguments, _read(self.meta_path)
        needed = [*arguments.parts.values(), *([arguments.vocab_filename] if arguments.build_vocabs else [])]
        if meta is None or self._record() is not None or not all((self.path / name).is_file() for name in needed):
            return None
        if sizes is not None:
            if (meta.get("train_size"), meta.get("test_size")) != sizes:
                return None
            lists = first_lists([str(self.path / arguments.train_filename)])
            lengths = {key: length for key, (_, length) in lists.items()}
            wanted = {
                "context_movie_id": arguments.max_context_length,
                "context_movie_genre": arguments.max_context_movie_genre_length,
            }
            if lengths and not wanted.items() <= lengths.items():
                return None
        return self._located(meta)

    def put(
        self, part: Path, names: Sequence[str], meta: Mapping[str, Any], hashes: Mapping[str, str]
    ) -> dict[str, Any]:
        """Give new files their place, with meta.json and, last of all, the record: it says that the folder is whole.

        Args:
            part: The hidden folder where the files of these names were made.
            meta: The meta data, with the names of files for their paths.

        Returns:
            The meta data as it is written.
        """
        sizes = {name: (part / name).stat().st_size for name in names}
        record = {"format": FORMAT, "arguments": asdict(self.arguments), "data": dict(hashes), "files": sizes}
        located = self._located(meta)
        for path, content in ((self.meta_path, located), (self._record_path, record)):
            (part / path.name).write_text(json.dumps(content, indent=2), encoding="utf-8")
        self._forget()
        every = [*names, self.meta_path.name, self._record_path.name]
        put_in_place({part / name: self.path / name for name in every})
        return located

    @property
    def meta_path(self) -> Path:
        return self.path / self.arguments.meta_filename

    @property
    def _record_path(self) -> Path:
        return self.path / f"{self.meta_path.stem}.recframe.json"

    def _record(self) -> dict[str, Any] | None:
        return _read(self._record_path)

    def _located(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        """The meta data with the paths of now: the folder may have been moved since it was made."""
        names = {key: Path(path).name for key, path in meta.items() if key.endswith("_file")} | self.arguments.patterns
        return {**meta, **{key: str(self.path / name) for key, name in names.items() if key in meta}}

    def _forget(self) -> None:
        """Before new files replace the old: remove what names them, and shards that would stay."""
        record = self._record()
        # Without the meta data too: half of the new files could else pass for files that Model Maker wrote.
        self.meta_path.unlink(missing_ok=True)
        self._record_path.unlink(missing_ok=True)
        if record is None or record.get("format") != FORMAT:
            return
        for part, new in self.arguments.shard_files.items():
            old = shard_names(self.arguments.parts[part], record["arguments"]["shards"])
            for name in set(old) & set(record["files"]) - set(new):
                (self.path / name).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
