"""Compressed files: gzip, bz2, xz, zip and zstd, decompressed while they are read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from recframe import DataError, MissingDependencyError

_PIECE = 1 << 20  # bytes


class PieceStream(io.RawIOBase):
    """A file that reads its bytes from an iterator, once. Closing it closes the iterator."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not len(self._rest):
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def close(self) -> None:
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()
        super().close()


def is_packed(path: Path) -> bool:
    return path.suffix.lower() in _OPENERS


@contextmanager
def unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open a file, and decompress it if its ending is one of a compressed file.

    Raises:
        DataError: The archive is damaged, truncated or protected, or it does not hold exactly one file.
        MissingDependencyError: The file is zstd, and `zstandard` is not installed.
    """
    opener = _OPENERS.get(path.suffix.lower())
    if opener is None:
        with path.open("rb") as file:
            yield file
        return
    try:
        with opener(path) as packed:
            yield packed
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise damaged_error(path, error) from None
    except (RuntimeError, NotImplementedError) as error:  # a password, or a compression that Python does not know
        raise DataError(f"{path} cannot be unpacked: {error}; unpack it first") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise damaged_error(path, error) from None  # raised by bz2 for damaged data


def damaged_error(path: Path, error: BaseException | str) -> DataError:
    return DataError(
        f"{path} cannot be unpacked: it is damaged, truncated, or not such an archive ({error}); write it again"
    )


def _open_zip(path: Path) -> IO[bytes]:
    with zipfile.ZipFile(path) as archive:  # an open member keeps the file open
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if len(names) == 1:
            return archive.open(names[0])
    holds = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") if names else "nothing"
    raise DataError(
        f"{path} must hold one file, but it holds {len(names)}: {holds}; unpack it and name the file or a glob"
    )


def _open_zstd(path: Path) -> IO[bytes]:
    try:
        import zstandard
    except ImportError:
        raise MissingDependencyError(f"{path}: zstd needs zstandard: pip install 'recframe[zstd]'") from None

    def pieces() -> Iterator[bytes]:
        # Frame by frame, since zstandard's own stream reports no error if the last frame is truncated.
        with path.open("rb") as file:
            frame, started = zstandard.ZstdDecompressor().decompressobj(), False
            while piece := file.read(_PIECE):
                while piece:
                    started = True
                    try:
                        yield frame.decompress(piece)
                    except zstandard.ZstdError as error:
                        raise damaged_error(path, error) from None
                    piece = b""
                    if frame.eof:
                        piece = frame.unused_data
                        frame, started = zstandard.ZstdDecompressor().decompressobj(), False
            if started:
                raise damaged_error(path, "the last frame is truncated")

    return io.BufferedReader(PieceStream(pieces()))


_OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zip": _open_zip,
    ".zst": _open_zstd,
}
