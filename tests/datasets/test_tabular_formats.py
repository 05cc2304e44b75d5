"""Files as the world has them: encodings, archives, separators, quotes, and files without a line of names."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import shlex
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, strategies as st

import recframe
from recframe.datasets import tabular_text
from recframe.datasets.tabular_options import ColumnOptions, TabularOptions
from recframe.errors import DataError, MissingDependencyError, SpecError
from tests.datasets.tabular_tables import plain, read, tuples
from tests.datasets.test_tabular_fuzz import SETTINGS

ROWS = [("ä", "Café", 1), ("ä", "Ünder", 2), ("b", "Café", 3)]
TEXTS = {
    "csv": "user,item,timestamp\n" + "".join(f"{u},{i},{t}\n" for u, i, t in ROWS),
    "tsv": "user\titem\ttimestamp\n" + "".join(f"{u}\t{i}\t{t}\n" for u, i, t in ROWS),
    "jsonl": "".join(f'{{"user": "{u}", "item": "{i}", "timestamp": {t}}}\n' for u, i, t in ROWS),
}
EXPECTED = sorted(ROWS)


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16", "UTF-16-LE", "gb18030", "cp850"]
)
def test_a_named_encoding(tmp_path: Path, format: str, encoding: str) -> None:
    text = TEXTS[format]
    if encoding == "gb18030":
        text = text.replace("Café", "咖啡")
    (tmp_path / f"x.{format}").write_bytes(text.encode(encoding))
    expected = sorted((u, i.replace("Café", "咖啡") if encoding == "gb18030" else i, t) for u, i, t in ROWS)
    data = read(tmp_path / f"x.{format}", encoding=encoding)
    assert sorted(tuples(data)) == expected
    assert not any("guess" in note for note in data.notes)


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_needs_no_name(tmp_path: Path, format: str, encoding: str) -> None:
    (tmp_path / f"x.{format}").write_bytes(TEXTS[format].encode(encoding))
    data = read(tmp_path / f"x.{format}")
    assert sorted(tuples(data)) == EXPECTED
    assert not any("guess" in note for note in data.notes)


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_guessed_and_told(tmp_path: Path, format: str, encoding: str) -> None:
    (tmp_path / f"x.{format}").write_bytes(TEXTS[format].encode(encoding))
    data = read(tmp_path / f"x.{format}")
    assert sorted(tuples(data)) == EXPECTED
    assert any(f"was read as {encoding}, a guess" in note for note in data.notes)


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("piece", [1, 30, 1 << 20])
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_cp1252_is_guessed_and_told(
    tmp_path: Path, format: str, piece: int, packed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular_text, "_PIECE", piece)
    content = TEXTS[format].replace("Ünder", "€ 5").encode("cp1252")
    path = tmp_path / f"x.{format}{packed}"
    path.write_bytes(gzip.compress(content) if packed else content)
    data = read(path)
    assert sorted(tuples(data)) == sorted((u, i.replace("Ünder", "€ 5"), t) for u, i, t in ROWS)
    (told,) = (note for note in data.notes if "guess" in note)
    assert told.startswith(f"{path} is not UTF-8 and was read as cp1252, a guess")
    assert "dataset.encoding=latin-1" in told


def test_a_line_that_is_broken_makes_no_other_encoding(tmp_path: Path) -> None:
    """One line, or lines beside others that are UTF-8: these lines are wrong, and not the encoding."""
    good = TEXTS["csv"].encode()
    for content in (b"user,item,timestamp\nb,\xe4,1\nb,c,1\n", good + b"b,\xe4,1\nb,\xe5,1\n"):
        (tmp_path / "x.csv").write_bytes(content)
        with pytest.raises(DataError, match=r"line \d: .* is not UTF-8 .*dataset\.encoding=latin-1"):
            read(tmp_path / "x.csv")
        data = read(tmp_path / "x.csv", on_error="skip")
        assert data.num_events == (1 if content[:4] == b"user" and len(content) < 50 else 3)


@pytest.mark.parametrize("format", TEXTS)
def test_what_a_named_encoding_does_not_know_is_a_bad_row(tmp_path: Path, format: str) -> None:
    lines = TEXTS[format].encode("cp1252").splitlines(keepends=True)
    lines[-1] = lines[-1].replace(b"Caf", b"\x81")  # no character of cp1252
    (tmp_path / f"x.{format}").write_bytes(b"".join(lines))
    with pytest.raises(DataError, match=rf"line {len(lines)}: .* is not cp1252"):
        read(tmp_path / f"x.{format}", encoding="cp1252")
    data = read(tmp_path / f"x.{format}", encoding="windows-1252", on_error="skip")
    assert data.num_events == 2
    assert any(note.startswith("1 of 3 rows were skipped") for note in data.notes)


@SETTINGS
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters='",\r\n\0'), min_size=1), min_size=1),
    encoding=st.sampled_from(("utf-8", "utf-16", "utf-16-be", "gb18030", "utf-7")),
    piece=st.integers(1, 9),
)
def test_encodings_across_borders(tmp_path: Path, texts: list[str], encoding: str, piece: int) -> None:
    texts = [text.lstrip("\ufeff") or "a" for text in texts]
    (tmp_path / "x.txt").write_bytes("\n".join(texts).encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabular_text, "_PIECE", piece)
        text = tabular_text.TextFile(tmp_path / "x.txt", encoding, tabular_text.Ledger())
        with text.open() as file:
            assert file.read().decode() == "\n".join(texts)
    assert text.open_ended


def test_a_file_of_another_encoding_than_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXTS["csv"])
    with pytest.raises(DataError, match=r"x\.csv cannot be read as utf-16: .*; name another encoding"):
        read(tmp_path / "x.csv", encoding="utf-16")


@pytest.mark.parametrize(
    ("name", "hint"), [("latin1x", "did you mean 'latin1'"), ("base64", "base64"), ("", "such as"), ("a\0", "such as")]
)
def test_an_encoding_that_python_does_not_know(name: str, hint: str) -> None:
    with pytest.raises(SpecError, match="is none that Python knows; ") as told:
        TabularOptions(path="x.csv", encoding=name)
    assert hint in str(told.value)


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
        assert tuples(read(tmp_path / name)) == tuples(read(tmp_path))[:3] == EXPECTED
        (tmp_path / name).unlink()
    (tmp_path / f"x.{ending}").write_bytes(PACKED[ending](content))
    assert tuples(read(tmp_path / f"x.{ending}", format=format)) == EXPECTED
    with pytest.raises(DataError, match=rf"unknown file type '\.{ending}' .* name its type: dataset\.format=csv"):
        read(tmp_path / f"x.{ending}")


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_archives_of_several_parts(tmp_path: Path, ending: str) -> None:
    lines = TEXTS["csv"].encode().splitlines(keepends=True)
    (tmp_path / f"x.csv.{ending}").write_bytes(b"".join(map(PACKED[ending], lines)))
    assert tuples(read(tmp_path / f"x.csv.{ending}")) == EXPECTED


@pytest.mark.parametrize("ending", PACKED)
def test_damaged_archives(tmp_path: Path, ending: str) -> None:
    content = "user,item,timestamp\n" + "".join(f"u{n % 9},i{n * 7919 % 1000},{n}\n" for n in range(3000))
    whole = PACKED[ending](content.encode())
    for damage in (whole[: len(whole) // 2], whole[:-3], whole[:3], b"user,item\na,b\n"):
        (tmp_path / f"x.csv.{ending}").write_bytes(damage)
        for mode in ("raise", "skip"):
            with pytest.raises(DataError, match=rf"x\.csv\.{ending} cannot be unpacked: it is damaged, cut off or no"):
                read(tmp_path / f"x.csv.{ending}", on_error=mode)


def test_an_archive_holds_one_file(tmp_path: Path) -> None:
    for names, told in (((), "holds 0: nothing"), (("a.csv", "b.csv"), "holds 2: a.csv, b.csv; unpack it")):
        (tmp_path / "x.csv.zip").write_bytes(zipped(b"user,item\na,b\n", *names))
        with pytest.raises(DataError, match=told):
            read(tmp_path / "x.csv.zip")


def test_packed_files_of_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet.gz").write_bytes(gzip.compress(b"PAR1"))
    with pytest.raises(DataError, match=r"x\.parquet\.gz is packed, and parquet is packed in itself; unpack it first"):
        read(tmp_path / "x.parquet.gz")


def test_a_file_and_its_archive_are_not_read_twice(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXTS["csv"])
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(TEXTS["csv"].encode()))
    for path in (tmp_path, tmp_path / "*"):
        with pytest.raises(DataError, match=r"x\.csv and .*x\.csv\.gz seem to be one file, packed and unpacked"):
            read(path)


def test_json_beside_shards_describes_them(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXTS["csv"])
    (tmp_path / "info.json").write_text('{"rows": 3}')
    assert tuples(read(tmp_path)) == EXPECTED


def test_options_that_change_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(TEXTS["jsonl"])
    notes = read(tmp_path / "x.jsonl", header=False, encoding="utf-8", separator=";").notes
    assert notes[0].endswith("x.jsonl is jsonl: dataset.separator, dataset.header change nothing of how it is read")
    with pytest.raises(DataError, match=r"is jsonl, which names its columns itself; leave out dataset\.names"):
        read(tmp_path / "x.jsonl", names=("user", "item", "timestamp"))


def test_zstd_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv.zst").write_bytes(zstandard.compress(TEXTS["csv"].encode()))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'recframe\[zstd\]'"):
        read(tmp_path / "x.csv.zst")


def test_json_is_read_as_json_lines(tmp_path: Path) -> None:
    (tmp_path / "review.json").write_text(TEXTS["jsonl"])
    assert tuples(read(tmp_path / "review.json")) == EXPECTED
    (tmp_path / "review.json").write_text('[{"user": 1, "item": 2, "timestamp": 3}]')
    with pytest.raises(DataError, match=r"it holds a JSON array; write each of its objects on a line"):
        read(tmp_path / "review.json")


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
@pytest.mark.parametrize("ending", ["csv", "tsv"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_separator_is_guessed_and_told(tmp_path: Path, mark: str, ending: str, quoting: int) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=mark, quoting=quoting)
    writer.writerows([("user", "item", "timestamp", "price"), *((*row, "2,5") for row in ROWS)])
    (tmp_path / f"x.{ending}").write_text(text.getvalue(), newline="")
    data = read(tmp_path / f"x.{ending}", quote='"')
    assert tuples(data) == EXPECTED
    assert data.column("price").values.tolist() == ["2,5"]
    told = any("between its values, a guess" in note for note in data.notes)
    assert told == (mark != {"csv": ",", "tsv": "\t"}[ending])


def test_a_named_separator_is_never_another(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("user;item;timestamp\na;b;1\n")
    with pytest.raises(DataError, match=r"the only column is 'user;item;timestamp'"):
        read(tmp_path / "x.csv", separator=",")


TSV = 'user\titem\ttimestamp\tname\na\tx\t1\t"Quoted\na\ty\t2\tSong 2"\nb\tx\t3\t"Heroes"\n'


def test_tsv_has_no_quotes_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text(TSV)
    data = read(tmp_path / "x.tsv")
    assert data.categories["name"].tolist() == ['"Heroes"', '"Quoted', 'Song 2"']
    assert any("quotation marks are text in tsv, and some values stand between two" in note for note in data.notes)
    data = read(tmp_path / "x.tsv", quote='"')
    assert data.categories["name"].tolist() == ["Heroes", "Quoted\na\ty\t2\tSong 2"]
    assert any("lines 2 to 3 are read as one row; are they?" in note for note in data.notes)
    (tmp_path / "x.csv").write_text(TSV.replace("\t", ",").replace("\n", "\r\n"), newline="")
    assert read(tmp_path / "x.csv", quote="none").num_events == 3
    assert read(tmp_path / "x.csv").num_events == 2


def test_tsv_whose_names_are_all_quoted_has_quotes(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text('"user"\t"item"\t"timestamp"\n"a"\t"x"\t"1"\n"a"\t"y\tz"\t"2"\n')
    data = read(tmp_path / "x.tsv")
    assert tuples(data) == [("a", "x", 1), ("a", "y\tz", 2)]
    assert any("are taken for quotes" in note and "dataset.quote=none" in note for note in data.notes)


def test_a_quote_is_no_separator(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("|user|;|item|;|timestamp|\n|a;|;|b|;1\n")
    assert tuples(read(tmp_path / "x.csv", quote="|")) == [("a;", "b", 1)]
    with pytest.raises(DataError, match=r"dataset\.quote is ',', and so is the separator; name dataset\.separator"):
        read(tmp_path / "x.csv", quote=",")


def test_a_quote_of_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("user,item,timestamp\n'a,b',\"c,1\n")
    assert tuples(read(tmp_path / "x.csv", quote="'")) == [("a,b", '"c', 1)]
    for options, told in (({"quote": "''"}, "auto, none, or one"), ({"quote": ";", "separator": ";"}, "are both")):
        with pytest.raises(SpecError, match=told):
            TabularOptions(path="x.csv", **options)


def test_quotation_marks_after_a_backslash(tmp_path: Path) -> None:
    rows = ['"1";"Say \\"hello\\"";"1"', '"2";"the end \\"";"2"', '"3";"a\\b";"3"', '"4";"a""b";"4"', '"5";"x"y";"5"']
    (tmp_path / "x.csv").write_text("\n".join(['"user";"item";"timestamp"', *rows]) + "\n")
    with pytest.raises(DataError, match=r"line 6: .* text after a closing quotation mark"):
        read(tmp_path / "x.csv")
    data = read(tmp_path / "x.csv", on_error="skip")
    assert [item for _, item, _ in tuples(data)] == ['Say "hello"', 'the end "', "a\\b", 'a"b']
    assert any(
        "a quotation mark after a backslash is read as a part of its value, first in line 2" in n for n in data.notes
    )


HEADLESS = "u1\ti7\t5\nu1\ti8\t6\nu2\ti7\t7\n"


def test_without_a_header_columns_go_by_names_or_numbers(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text(HEADLESS)
    expected = [("u1", "i7", 5), ("u1", "i8", 6), ("u2", "i7", 7)]
    names = ("user", "item", "timestamp")
    assert tuples(read(tmp_path / "x.tsv", header=False, names=names)) == expected
    assert tuples(read(tmp_path / "x.tsv", {"user": 1, "item": 2, "timestamp": 3}, header=False)) == expected
    named = {"user": "column_1", "item": 2, "timestamp": "column_3"}
    assert tuples(read(tmp_path / "x.tsv", named, header=False)) == expected
    (tmp_path / "y.tsv").write_text("a\tb\tc\n" + HEADLESS)
    assert tuples(read(tmp_path / "y.tsv", {"user": 1, "item": 2, "timestamp": 3})) == expected
    assert tuples(read(tmp_path / "y.tsv", names=names)) == expected


def test_tables_have_a_header_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text(HEADLESS)
    (tmp_path / "named.tsv").write_text("id\ttitle\ni7\tSeven\ni8\tEight\n")
    (tmp_path / "bare.tsv").write_text("i7\tSeven\ni8\tEight\n")
    columns = {"user": 1, "item": 2, "timestamp": 3}
    named = read(tmp_path / "x.tsv", columns, header=False, items_header=True, items=str(tmp_path / "named.tsv"))
    columns |= {"item_id": 1, "title": 2}
    bare = read(tmp_path / "x.tsv", columns, header=False, items=str(tmp_path / "bare.tsv"))
    assert plain(named) == plain(bare)
    assert bare.items["title"].tolist() == ["Seven", "Eight"]


WRONG_COLUMNS: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "nothing": ({"user": 0, "item": 2}, {"header": False}, "no column 0: there are 3, and they are counted from 1"),
    "too far": ({"user": 4, "item": 2}, {"header": False}, "no column 4: there are 3"),
    "twice": ({"user": 2, "item": 2}, {"header": False}, "user and item are both the column 2"),
    "twice by name": ({"user": "column_2", "item": 2}, {"header": False}, "are both the column 'column_2'"),
    "too few names": ({}, {"header": False, "names": ("a", "b")}, "dataset.names has 2 names, and .* 3 fields"),
    "names twice": ({}, {"names": ("a", "a")}, "names: 'a' is not allowed"),
}


@pytest.mark.parametrize(("columns", "options", "message"), WRONG_COLUMNS.values(), ids=WRONG_COLUMNS)
def test_columns_that_are_none(
    tmp_path: Path, columns: dict[str, object], options: dict[str, object], message: str
) -> None:
    (tmp_path / "x.tsv").write_text(HEADLESS)
    with pytest.raises((DataError, SpecError), match=message):
        read(tmp_path / "x.tsv", {"timestamp": 3, **columns} if columns else {}, **options)


@pytest.mark.parametrize(
    "text",
    [
        HEADLESS,
        "ann\tmug\t17\n",
        "ann\tmug\t2024-01-01\n",
        "ann\tmug\t12/1/2010 8:26\n",
        "ann\tmug\tweb\nann\ttea\tapp\n",
        "N1\tU-2\tA3 b\nN2\tU-3\tA4 c\n",
    ],
)
def test_a_first_line_that_looks_like_a_row_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.tsv").write_text(text + text)
    data = read(tmp_path / "x.tsv", {"user": 1, "item": 2, "timestamp": None})
    (told,) = (note for note in data.notes if "line 1 is taken for the names" in note)
    assert told.endswith("set dataset.header=false")
    with pytest.raises(
        DataError, match=r"no column 'user': .*if line 1 is a row and names nothing, set dataset\.header=f"
    ):
        read(tmp_path / "x.tsv")


def test_an_error_below_a_first_line_that_looks_like_a_row_proposes_the_header(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("ann\tmug\t12/1/2010 8:26\n" * 2)
    with pytest.raises(DataError, match=r"line 2, .* is no time: .* if it is one, set dataset\.header=false$"):
        read(tmp_path / "x.tsv", {"user": 1, "item": 2, "timestamp": 3})


@pytest.mark.parametrize("names", ["user,item,timestamp", "user_1,item_2,time_3", "a,b,c", "User ID,Item ID,x2"])
def test_a_first_line_of_names_is_none(tmp_path: Path, names: str) -> None:
    (tmp_path / "x.csv").write_text(f"{names}\na1,p,1\na1,q,2\n")
    data = read(tmp_path / "x.csv", {"user": 1, "item": 2, "timestamp": 3})
    assert not any("line 1" in note for note in data.notes)


def test_proposals_can_be_pasted(tmp_path: Path) -> None:
    """What a message says of a separator, a header and a format is taken by the command line as it stands."""
    from recframe.pasting import override

    for key, value in (
        ("separator", ";"),
        ("separator", "|"),
        ("header", False),
        ("time_format", '%m/%d "%Y" %H:%M'),
        ("quote", '"'),
        ("encoding", "latin-1"),
        ("names", ["a b", "c=d", "e", "f{g}", "h$i", "true", "7"]),
    ):
        (word,) = shlex.split(override(f"dataset.{key}", value))
        spec = recframe.compose(["dataset=tabular", "dataset.path=x.csv", word])
        got = getattr(spec.dataset.options, key)
        assert (list(got) if isinstance(value, list) else got) == value


def test_options_by_the_command_line() -> None:
    spec = recframe.compose(["dataset=tabular", "dataset.path=x", "dataset.columns.user=2", "dataset.columns.item='2'"])
    assert spec.dataset.options.columns == ColumnOptions(user=2, item="2")
