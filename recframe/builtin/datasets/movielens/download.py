"""Downloads a MovieLens zip, verifies its checksum, and unpacks it safely and atomically."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import stat
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from recframe import DataError

BASE_URL = "https://files.grouplens.org/datasets/movielens/"
#: MD5 of each zip, as published by GroupLens in NAME.zip.md5. latest-small changes, so its checksum is downloaded.
CHECKSUMS = {
    "100k": "0e33842e24a9c977be4e0107933c0723",
    "1m": "c4d9eecfca2ab87c1945afe126590906",
    "10m": "ce571fd55effeba0271552578f2648bd",
    "20m": "cd245b17a1ae2cc31bb14903e1204af3",
    "25m": "6b51fb2759a8657d3bfcbfc42b592ada",
    "32m": "d472be332d4daa821edc399621853b57",
}
MAX_DOWNLOADED = 1 << 30
MAX_UNPACKED = 4 << 30
TIMEOUT_SECONDS = 30
LEFT_AFTER_SECONDS = 24 * 3600


def download(
    variant: str, cache: Path, say: Callable[[str], None], base_url: str = BASE_URL, option: str = "dataset.path"
) -> Path:
    """The folder of an unpacked MovieLens dataset, downloaded on first use.

    Args:
        variant: The part of the name after `ml-`, such as `1m`.
        cache: The folder for downloaded datasets; it is created if needed.
        say: Receives notes on the source of the data and on its checksum.
        base_url: The address of the folder of zips.
        option: The option for the folder of a dataset that the user has downloaded, for messages.

    Raises:
        DataError: There is no network, the checksum is wrong, or the zip is unsafe. No partial files are left.
    """
    name = f"ml-{variant}"
    target = cache / name
    if target.is_dir():
        return target
    try:
        return _download(variant, target, f"{base_url.rstrip('/')}/{name}.zip", say)
    except _Unavailable as error:
        raise DataError(f"{error}; download the dataset yourself, unpack it, and pass {option}=FOLDER") from None


class _Unavailable(DataError):
    """An error after which the user can download the dataset by hand."""


def _download(variant: str, target: Path, url: str, say: Callable[[str], None]) -> Path:
    cache, name = target.parent, target.name
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(cache, name)
        # In the same folder as the target, so that the rename stays on one file system.
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=cache) as temporary:
            return _fetch_and_unpack(variant, url, Path(temporary), target, say)
    except OSError as error:
        raise _Unavailable(f"could not write {target}: {error}") from None


def _remove_leftovers(cache: Path, name: str) -> None:
    """Remove the temporary folders of killed downloads: they are older than any running download."""
    for folder in cache.glob(f".{name}-*"):
        if time.time() - folder.stat().st_mtime > LEFT_AFTER_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _fetch_and_unpack(variant: str, url: str, temporary: Path, target: Path, say: Callable[[str], None]) -> Path:
    say(f"downloading {url}")
    expected, source = CHECKSUMS.get(variant), "the checksum that recframe knows"
    if expected is None:
        expected, source = _published_checksum(f"{url}.md5"), f"{url}.md5"
    archive = temporary / "archive.zip"
    checksum = _fetch(url, archive)
    if checksum != expected:
        raise _Unavailable(f"{url}: the MD5 is {checksum}, expected {expected} ({source})")
    say(f"the MD5 {checksum} agrees with {source}")
    unpacked = temporary / "unpacked"
    unpack(archive, unpacked)
    folders = [path for path in unpacked.iterdir() if path.is_dir()]
    whole = folders[0] if len(folders) == 1 else unpacked  # ml-10m.zip holds ml-10M100K
    try:
        whole.rename(target)
    except OSError:
        if not target.is_dir():  # otherwise another process was faster and unpacked the same files
            raise
    return target


def _open(url: str) -> http.client.HTTPResponse:
    """Open an address. A redirect from https to http is refused, since the checksum file could then be forged."""
    response: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS)
    if url.startswith("https:") and not response.geturl().startswith("https:"):
        response.close()
        raise _Unavailable(f"{url} redirects to {response.geturl()}, which is not https")
    return response


def _failure(url: str, error: Exception) -> DataError:
    if isinstance(error, urllib.error.HTTPError):
        return _Unavailable(f"{url}: the server answered {error.code} {error.reason}")
    reason = getattr(error, "reason", None) or str(error) or type(error).__name__
    return _Unavailable(f"could not reach {url} ({reason})")


def _published_checksum(url: str) -> str:
    try:
        with _open(url) as response:
            text = response.read(4096).decode("ascii", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise _failure(url, error) from None
    checksum = re.search(r"\b[0-9a-fA-F]{32}\b", text)  # `md5  name` or `MD5 (name) = md5`
    if checksum is None:
        raise _Unavailable(f"{url} holds no MD5 but {text[:60]!r}")
    return checksum[0].lower()


def _fetch(url: str, path: Path) -> str:
    """Download a file, with a progress bar on stderr, and return its MD5."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    digest = hashlib.md5(usedforsecurity=False)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with path.open("wb") as file, Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        try:
            with _open(url) as response:
                total = int(response.headers.get("Content-Length") or 0) or None
                task = progress.add_task(url.rsplit("/", 1)[-1], total=total)
                received = 0
                while chunk := response.read(1 << 18):
                    received += len(chunk)
                    if received > MAX_DOWNLOADED:
                        raise _Unavailable(f"{url} is larger than {MAX_DOWNLOADED >> 20} MiB")
                    digest.update(chunk)
                    file.write(chunk)
                    progress.update(task, advance=len(chunk))
        except (OSError, http.client.HTTPException) as error:
            raise _failure(url, error) from None
    return digest.hexdigest()


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip into a new folder.

    Raises:
        DataError: It is no valid zip, a name leads out of the folder, an entry is a link, or the content is too large.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            entries = zipped.infolist()
            # zipfile never reads more than the size in the zip's directory, so the sum is a reliable limit.
            size = sum(entry.file_size for entry in entries)
            if size > MAX_UNPACKED:
                raise _Unavailable(
                    f"the unpacked zip would have {size >> 20} MiB, but at most {MAX_UNPACKED >> 20} MiB are allowed"
                )
            for entry in entries:
                name = PurePosixPath(entry.filename.replace("\\", "/"))
                if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
                    raise DataError(
                        f"the zip has an entry outside its folder, {entry.filename!r}; nothing was unpacked"
                    )
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise DataError(f"the zip has an entry that is a link, {entry.filename!r}; nothing was unpacked")
            os.mkdir(folder)
            zipped.extractall(folder)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _Unavailable(f"the downloaded zip cannot be unpacked: {error}") from None
