"""The download, from a loopback server: checked, unpacked safely, and whole or not there at all."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import re
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from recframe.builtin.datasets.movielens import download as module
from recframe.builtin.datasets.movielens.dataset import VARIANTS, MovieLensOptions, load
from recframe.builtin.datasets.movielens.download import download
from recframe.errors import DataError
from recframe.plugin.types import DatasetContext
from tests.builtin.datasets.movielens_folder import write_movielens


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which its files are served."""
    root = tmp_path / "served"
    root.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield root, f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def put(root: Path, entries: dict[str, bytes], link: str = "") -> None:
    """Serve a zip as ml-latest-small.zip with its checksum file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in entries.items():
            zipped.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            zipped.writestr(entry, "/etc")
    (root / "ml-latest-small.zip").write_bytes(buffer.getvalue())
    digest = hashlib.md5(buffer.getvalue()).hexdigest()
    (root / "ml-latest-small.zip.md5").write_text(f"MD5 (ml-latest-small.zip) = {digest}\n")


def movielens_zip(tmp_path: Path, top: str = "ml-latest-small") -> dict[str, bytes]:
    folder = write_movielens(tmp_path / "made")
    return {f"{top}/{path.name}": path.read_bytes() for path in folder.iterdir()}


def refused(cache: Path, url: str, variant: str = "latest-small") -> str:
    """The message of a download that fails; nothing is left behind."""
    with pytest.raises(DataError) as caught:
        download(variant, cache, lambda message: None, url)
    assert not cache.exists() or list(cache.iterdir()) == []
    return str(caught.value)


def test_every_pinned_checksum_belongs_to_a_variant() -> None:
    assert set(VARIANTS) - set(module.CHECKSUMS) == {"latest-small"}
    assert all(len(md5) == 32 for md5 in module.CHECKSUMS.values())


def test_download_is_verified_and_kept(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, url = served
    put(root, movielens_zip(tmp_path))
    said: list[str] = []
    monkeypatch.setattr(module, "download", partial(download, base_url=url))
    context = DatasetContext(seed=0, cache=tmp_path / "cache", say=said.append)
    first = load(MovieLensOptions(), context)
    assert any("MD5" in message and ".md5" in message for message in said)
    assert [path.name for path in (tmp_path / "cache/movielens").iterdir()] == ["ml-latest-small"]
    for path in root.iterdir():
        path.unlink()
    assert load(MovieLensOptions(), context).num_events == first.num_events  # no second download


def test_a_bar_shows_how_much_is_there(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal
    root, url = served
    put(root, movielens_zip(tmp_path))
    size = (root / "ml-latest-small.zip").stat().st_size
    download("latest-small", tmp_path / "cache", lambda message: None, url)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "ml-latest-small.zip" in shown
    assert f"{size / 1000:.1f}/{size / 1000:.1f} kB" in shown


def test_top_folder_of_another_name(tmp_path: Path, served: tuple[Path, str]) -> None:
    root, url = served
    put(root, movielens_zip(tmp_path, top="ml-10M100K"))
    folder = download("latest-small", tmp_path / "cache", lambda message: None, url)
    assert (folder / "ratings.csv").exists()


def test_wrong_checksum(tmp_path: Path, served: tuple[Path, str]) -> None:
    root, url = served
    put(root, movielens_zip(tmp_path))
    (root / "ml-1m.zip").write_bytes((root / "ml-latest-small.zip").read_bytes())
    assert "expected c4d9eecfca2ab87c1945afe126590906" in refused(tmp_path / "cache", url, "1m")
    (root / "ml-latest-small.zip.md5").write_text("0" * 32 + "  ml-latest-small.zip\n")
    assert "expected 00000000" in refused(tmp_path / "cache", url)
    (root / "ml-latest-small.zip.md5").write_text("<html>sorry</html>")
    assert "holds no MD5" in refused(tmp_path / "cache", url)


def test_no_network_and_missing_files(tmp_path: Path, served: tuple[Path, str]) -> None:
    message = refused(tmp_path / "cache", "http://127.0.0.1:9/")
    assert "could not reach http://127.0.0.1:9/ml-latest-small.zip" in message
    assert "download the dataset yourself" in message
    assert "dataset.path=" in message
    assert "answered 404" in refused(tmp_path / "cache", served[1])


def test_connection_that_ends_early(tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    root, url = served
    put(root, movielens_zip(tmp_path))
    monkeypatch.setattr(_Quiet, "copyfile", lambda self, source, out: out.write(source.read(40)))
    (root / "ml-latest-small.zip.md5").write_text("0" * 32)
    assert "ml-latest-small.zip" in refused(tmp_path / "cache", url)


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt"])
def test_names_that_leave_the_folder(tmp_path: Path, served: tuple[Path, str], name: str) -> None:
    put(served[0], {"ml-latest-small/ratings.csv": b"", name: b"evil"})
    assert "nothing was unpacked" in refused(tmp_path / "cache", served[1])
    assert not list(tmp_path.rglob("evil.txt"))


def test_links(tmp_path: Path, served: tuple[Path, str]) -> None:
    put(served[0], {"ml-latest-small/ratings.csv": b""}, link="ml-latest-small/etc")
    assert "a link" in refused(tmp_path / "cache", served[1])


def test_too_large(tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    put(served[0], {"ml-latest-small/ratings.csv": bytes(3 << 20)})
    monkeypatch.setattr(module, "MAX_UNPACKED", 1 << 20)
    assert "would have 3 MiB" in refused(tmp_path / "cache", served[1])
    monkeypatch.setattr(module, "MAX_DOWNLOADED", 100)
    assert "is larger than" in refused(tmp_path / "cache", served[1])


def test_not_a_zip(tmp_path: Path, served: tuple[Path, str]) -> None:
    (served[0] / "ml-latest-small.zip").write_bytes(b"sorry")
    (served[0] / "ml-latest-small.zip.md5").write_text(hashlib.md5(b"sorry").hexdigest())
    assert "not a zip" in refused(tmp_path / "cache", served[1])


def test_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DataError, match="could not write"):
        download("latest-small", tmp_path / "cache", lambda message: None, "http://127.0.0.1:9/")


def test_what_a_killed_download_left_goes_a_day_later(tmp_path: Path, served: tuple[Path, str]) -> None:
    root, url = served
    put(root, movielens_zip(tmp_path))
    cache = tmp_path / "cache"
    for name, hours in {".ml-latest-small-old": 25, ".ml-latest-small-new": 1}.items():
        (cache / name).mkdir(parents=True)
        (cache / name / "archive.zip").write_bytes(b"half")
        os.utime(cache / name, (time.time() - hours * 3600,) * 2)
    download("latest-small", cache, lambda message: None, url)
    assert sorted(path.name for path in cache.iterdir()) == [".ml-latest-small-new", "ml-latest-small"]
