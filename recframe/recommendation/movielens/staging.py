"""Files that are made beside their place, and appear together."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from recframe.errors import DataError, FolderError
from recframe.files.staging import staged


@frozen(eq=False)
class Staging:
    """Files that are made beside their place and moved there together.

    Attributes:
        target: The folder where they belong.
        folder: The hidden folder inside of it where they are made.
    """

    target: Path
    folder: Path
    names: list[str] = field(factory=list)

    def path(self, name: str) -> Path:
        """Where to write the file that will be `target / name`. Files move in the order in which they were named."""
        self.names.append(name)
        return self.folder / name

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    def commit(self) -> None:
        for name in self.names:
            os.replace(self.folder / name, self.target / name)


@contextlib.contextmanager
def staging(target: Path) -> Iterator[Staging]:
    """A place for new files of a folder; what was not committed is removed."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        with staged(target, "examples") as folder:
            yield Staging(target, folder)
    except (FolderError, PermissionError, NotADirectoryError, FileExistsError) as error:
        raise DataError(f"cannot write to {target}: {error}; give another folder in generated_examples_dir") from None
