"""Files as the world has them: separators, quotes, JSON, and files without a line of names."""

from __future__ import annotations

import csv
import io
import shlex
from pathlib import Path

import pytest

import recframe
from recframe.builtin.datasets.tabular import ColumnOptions, TabularOptions
from recframe.errors import DataError, SpecError
from tests.builtin.datasets.tabular.tables import TEXT_EVENTS, TEXT_ROWS, TEXTS, plain, read, tuples


def test_json_is_read_as_json_lines(tmp_path: Path) -> None:
    (tmp_path / "review.json").write_text(TEXTS["jsonl"])
    assert tuples(read(tmp_path / "review.json")) == TEXT_EVENTS
    (tmp_path / "review.json").write_text('[{"user": 1, "item": 2, "timestamp": 3}]')
    with pytest.raises(DataError, match=r"it holds a JSON array; write each of its objects on its own line"):
        read(tmp_path / "review.json")


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
@pytest.mark.parametrize("ending", ["csv", "tsv"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_separator_is_guessed_and_told(tmp_path: Path, mark: str, ending: str, quoting: int) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=mark, quoting=quoting)
    writer.writerows([("user", "item", "timestamp", "price"), *((*row, "2,5") for row in TEXT_ROWS)])
    (tmp_path / f"x.{ending}").write_text(text.getvalue(), newline="")
    data = read(tmp_path / f"x.{ending}", quote='"')
    assert tuples(data) == TEXT_EVENTS
    assert data.column("price").values.tolist() == ["2,5"]
    noted = any("is read with the separator" in note for note in data.notes)
    assert noted == (mark != {"csv": ",", "tsv": "\t"}[ending])


def test_a_named_separator_is_never_another(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("user;item;timestamp\na;b;1\n")
    with pytest.raises(DataError, match=r"the only column is 'user;item;timestamp'"):
        read(tmp_path / "x.csv", separator=",")


TSV = 'user\titem\ttimestamp\tname\na\tx\t1\t"Quoted\na\ty\t2\tSong 2"\nb\tx\t3\t"Heroes"\n'


def test_tsv_has_no_quotes_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text(TSV)
    data = read(tmp_path / "x.tsv")
    assert data.categories["name"].tolist() == ['"Heroes"', '"Quoted', 'Song 2"']
    assert any("quotation marks are text in tsv, but they enclose some values" in note for note in data.notes)
    data = read(tmp_path / "x.tsv", quote='"')
    assert data.categories["name"].tolist() == ["Heroes", "Quoted\na\ty\t2\tSong 2"]
    assert any("lines 2 to 3 are read as one row; is this right?" in note for note in data.notes)
    (tmp_path / "x.csv").write_text(TSV.replace("\t", ",").replace("\n", "\r\n"), newline="")
    assert read(tmp_path / "x.csv", quote="none").num_events == 3
    assert read(tmp_path / "x.csv").num_events == 2


def test_tsv_whose_names_are_all_quoted_has_quotes(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text('"user"\t"item"\t"timestamp"\n"a"\t"x"\t"1"\n"a"\t"y\tz"\t"2"\n')
    data = read(tmp_path / "x.tsv")
    assert tuples(data) == [("a", "x", 1), ("a", "y\tz", 2)]
    assert any("are read as quotes" in note and "dataset.quote=none" in note for note in data.notes)


def test_a_quote_is_no_separator(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("|user|;|item|;|timestamp|\n|a;|;|b|;1\n")
    assert tuples(read(tmp_path / "x.csv", quote="|")) == [("a;", "b", 1)]
    with pytest.raises(DataError, match=r"dataset\.quote and the separator are both ','; set dataset\.separator"):
        read(tmp_path / "x.csv", quote=",")


def test_a_quote_of_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("user,item,timestamp\n'a,b',\"c,1\n")
    assert tuples(read(tmp_path / "x.csv", quote="'")) == [("a,b", '"c', 1)]
    for options, message in (({"quote": "''"}, "auto, none, or one"), ({"quote": ";", "separator": ";"}, "are both")):
        with pytest.raises(SpecError, match=message):
            TabularOptions(path="x.csv", **options)


def test_quotation_marks_after_a_backslash(tmp_path: Path) -> None:
    rows = ['"1";"Say \\"hello\\"";"1"', '"2";"the end \\"";"2"', '"3";"a\\b";"3"', '"4";"a""b";"4"', '"5";"x"y";"5"']
    (tmp_path / "x.csv").write_text("\n".join(['"user";"item";"timestamp"', *rows]) + "\n")
    with pytest.raises(DataError, match=r"line 6: .* text after a closing quotation mark"):
        read(tmp_path / "x.csv")
    data = read(tmp_path / "x.csv", on_error="skip")
    assert [item for _, item, _ in tuples(data)] == ['Say "hello"', 'the end "', "a\\b", 'a"b']
    assert any(
        "a quotation mark after a backslash is read as part of the value, first in line 2" in n for n in data.notes
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
    "nothing": ({"user": 0, "item": 2}, {"header": False}, "no column 0: there are 3, counted from 1"),
    "too far": ({"user": 4, "item": 2}, {"header": False}, "no column 4: there are 3"),
    "twice": ({"user": 2, "item": 2}, {"header": False}, "user and item are both the column 2"),
    "twice by name": ({"user": "column_2", "item": 2}, {"header": False}, "are both the column 'column_2'"),
    "too few names": ({}, {"header": False, "names": ("a", "b")}, "dataset.names has 2 names, but .* 3 fields"),
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
    (header_note,) = (note for note in data.notes if "line 1 is read as column names" in note)
    assert header_note.endswith("set dataset.header=false")
    with pytest.raises(DataError, match=r"no column 'user': .*if line 1 is a row, not a header, set dataset\.header=f"):
        read(tmp_path / "x.tsv")


def test_an_error_below_a_first_line_that_looks_like_a_row_proposes_the_header(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("ann\tmug\t12/1/2010 8:26\n" * 2)
    with pytest.raises(DataError, match=r"line 2, .* is not a time: .* if it is one, set dataset\.header=false$"):
        read(tmp_path / "x.tsv", {"user": 1, "item": 2, "timestamp": 3})


@pytest.mark.parametrize("names", ["user,item,timestamp", "user_1,item_2,time_3", "a,b,c", "User ID,Item ID,x2"])
def test_a_first_line_of_names_is_none(tmp_path: Path, names: str) -> None:
    (tmp_path / "x.csv").write_text(f"{names}\na1,p,1\na1,q,2\n")
    data = read(tmp_path / "x.csv", {"user": 1, "item": 2, "timestamp": 3})
    assert not any("line 1" in note for note in data.notes)


def test_proposals_can_be_pasted(tmp_path: Path) -> None:
    """What a message says of a separator, a header and a format is taken by the command line as it stands."""
    from recframe.errors.shell import override

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
