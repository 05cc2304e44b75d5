"""Packed files: the same events as unpacked, and one message where an archive is damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from recframe.errors import DataError, MissingDependencyError
from tests.builtin.datasets.tabular.tables import TEXT_EVENTS, TEXTS, read, tuples


def zipped(content: bytes, *names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return target.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped(content, "folder/x.csv", "__MACOSX/x.csv"),
    "zst": zstandard.compress,
}


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("ending", PACKED)
def test_packed_files(tmp_path: Path, format: str, ending: str) -> None:
    content = TEXTS[format].encode()
    for name in (f"x.{format}.{ending}", f"X.{format.upper()}.{ending.upper()}"):
        (tmp_path / name).write_bytes(PACKED[ending](content))
        assert tuples(read(tmp_path / name)) == tuples(read(tmp_path))[:3] == TEXT_EVENTS
        (tmp_path / name).unlink()
    (tmp_path / f"x.{ending}").write_bytes(PACKED[ending](content))
    assert tuples(read(tmp_path / f"x.{ending}", format=format)) == TEXT_EVENTS
    with pytest.raises(DataError, match=rf"unknown file type '\.{ending}' .* set its type: dataset\.format=csv"):
        read(tmp_path / f"x.{ending}")


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_archives_of_several_parts(tmp_path: Path, ending: str) -> None:
    lines = TEXTS["csv"].encode().splitlines(keepends=True)
    (tmp_path / f"x.csv.{ending}").write_bytes(b"".join(map(PACKED[ending], lines)))
    assert tuples(read(tmp_path / f"x.csv.{ending}")) == TEXT_EVENTS


@pytest.mark.parametrize("ending", PACKED)
def test_damaged_archives(tmp_path: Path, ending: str) -> None:
    content = "user,item,timestamp\n" + "".join(f"u{n % 9},i{n * 7919 % 1000},{n}\n" for n in range(3000))
    whole = PACKED[ending](content.encode())
    for damage in (whole[: len(whole) // 2], whole[:-3], whole[:3], b"user,item\na,b\n"):
        (tmp_path / f"x.csv.{ending}").write_bytes(damage)
        for mode in ("raise", "skip"):
            with pytest.raises(
                DataError, match=rf"x\.csv\.{ending} cannot be unpacked: it is damaged, truncated, or not"
            ):
                read(tmp_path / f"x.csv.{ending}", on_error=mode)


def test_an_archive_holds_one_file(tmp_path: Path) -> None:
    for names, message in (((), "holds 0: nothing"), (("a.csv", "b.csv"), "holds 2: a.csv, b.csv; unpack it")):
        (tmp_path / "x.csv.zip").write_bytes(zipped(b"user,item\na,b\n", *names))
        with pytest.raises(DataError, match=message):
            read(tmp_path / "x.csv.zip")


def test_packed_files_of_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet.gz").write_bytes(gzip.compress(b"PAR1"))
    with pytest.raises(
        DataError, match=r"x\.parquet\.gz is compressed, but parquet files must not be; decompress it first"
    ):
        read(tmp_path / "x.parquet.gz")


def test_a_file_and_its_archive_are_not_read_twice(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXTS["csv"])
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(TEXTS["csv"].encode()))
    for path in (tmp_path, tmp_path / "*"):
        with pytest.raises(DataError, match=r"x\.csv and .*x\.csv\.gz seem to be the same file, compressed and not"):
            read(path)


def test_json_beside_shards_describes_them(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXTS["csv"])
    (tmp_path / "info.json").write_text('{"rows": 3}')
    assert tuples(read(tmp_path)) == TEXT_EVENTS


def test_options_that_change_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(TEXTS["jsonl"])
    notes = read(tmp_path / "x.jsonl", header=False, encoding="utf-8", separator=";").notes
    assert notes[0].endswith("x.jsonl is jsonl: these options have no effect for it: dataset.separator, dataset.header")
    with pytest.raises(DataError, match=r"is jsonl, which has column names; remove dataset\.names"):
        read(tmp_path / "x.jsonl", names=("user", "item", "timestamp"))


def test_zstd_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv.zst").write_bytes(zstandard.compress(TEXTS["csv"].encode()))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'recframe\[zstd\]'"):
        read(tmp_path / "x.csv.zst")
