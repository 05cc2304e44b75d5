"""A folder of examples, and the record beside its meta.json: other arguments or other data make new files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from recframe.files.json_text import parse_json
from recframe.files.staging import put_in_place
from recframe.proto.example_files import first_lists
from recframe.recommendation.movielens.arguments import Arguments

FORMAT = 2  # raised when the same arguments give other files
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")


@frozen
class ExamplesFolder:
    """A folder where these arguments put their files."""

    path: Path
    arguments: Arguments

    def recorded(self, hashes: Mapping[str, str] | None) -> dict[str, Any] | None:
        """The meta data, if the same arguments and data made the files, and they are still there.

        Args:
            hashes: SHA-256 by name of the data's files; None if the data is gone and is not compared.
        """
        record, meta = _read(self._record_path), _read(self.meta_path)
        if record is None or meta is None:
            return None
        now = self._record(self.path, record.get("files", ()), record.get("data") if hashes is None else hashes)
        return self._located(meta) if record == now else None

    def of_model_maker(self, sizes: tuple[int, int] | None) -> dict[str, Any] | None:
        """The meta data, if Model Maker wrote it, and it agrees with the arguments as far as can be seen.

        Args:
            sizes: Training and test examples that the arguments give; None if the data is gone.
        """
        arguments, meta = self.arguments, _read(self.meta_path)
        needed = [*arguments.parts.values(), *([arguments.vocab_filename] if arguments.build_vocabs else [])]
        if meta is None or self._record_path.exists() or not all((self.path / name).is_file() for name in needed):
            return None
        if sizes is None:
            return self._located(meta)
        lists = first_lists([str(self.path / arguments.train_filename)])
        lengths = tuple(lists.get(key, ("", 0))[1] for key in ("context_movie_id", "context_movie_genre"))
        wanted = (arguments.max_context_length, arguments.max_context_movie_genre_length)
        agrees = (not lists or lengths == wanted) and sizes == (meta.get("train_size"), meta.get("test_size"))
        return self._located(meta) if agrees else None

    def put(self, part: Path, meta: Mapping[str, Any], hashes: Mapping[str, str]) -> dict[str, Any]:
        """Move new files to their places, with meta.json and, at the very end, the record.

        Args:
            part: The hidden folder that holds the new files.
            meta: The meta data, with names of files for paths.

        Returns:
            The meta data as written.
        """
        names = sorted(path.name for path in part.iterdir())
        located = self._located(meta)
        record = self._record(part, names, hashes)
        for path, content in ((self.meta_path, located), (self._record_path, record)):
            (part / path.name).write_text(json.dumps(content, indent=2), encoding="utf-8")
        earlier = (_read(self._record_path) or {}).get("files", ())
        # The meta data goes too. Otherwise half of the new files could pass for files of Model Maker.
        self.meta_path.unlink(missing_ok=True)
        self._record_path.unlink(missing_ok=True)
        for name in set(earlier) - set(names):
            if _SHARD.sub("", name) in self.arguments.parts.values():
                (self.path / name).unlink(missing_ok=True)
        put_in_place({part / name: self.path / name for name in (*names, self.meta_path.name, self._record_path.name)})
        return located

    @property
    def meta_path(self) -> Path:
        return self.path / self.arguments.meta_filename

    @property
    def _record_path(self) -> Path:
        return self.path / f"{self.meta_path.stem}.recframe.json"

    def _record(self, folder: Path, names: Iterable[str], hashes: Any) -> dict[str, Any]:
        sizes = {name: (folder / name).stat().st_size for name in names if (folder / name).is_file()}
        return {"format": FORMAT, "arguments": asdict(self.arguments), "data": hashes, "files": sizes}

    def _located(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        """The meta data with the paths of now, since the folder may have been moved."""
        names = {key: Path(value).name for key, value in meta.items() if key.endswith("_file")}
        paths = {key: str(self.path / name) for key, name in (names | self.arguments.patterns).items()}
        return {key: paths.get(key, value) for key, value in meta.items()}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
