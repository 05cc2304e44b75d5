"""Files that are made to break a reader: each gives one DataError, or a count of what was skipped, and soon."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest

from recframe.errors import DataError
from tests.builtin.datasets.tabular.tables import read, tuples

HEAD = "user,item,timestamp\n"
GOOD = "a,x,1\nb,y,2\n"
#: Digits of other scripts: Arabic, Devanagari, and full-width.
DIGITS = [
    "\u0662\u0660\u0662\u0660-\u0660\u0661-\u0660\u0661",
    "\u0968\u0966\u0968\u0966-\u0966\u0967-\u0966\u0967",
    "\uff12\uff10\uff12\uff10-\uff10\uff11-\uff10\uff11",
    "2020-01-01T\uff11\uff12:00",
    "2020-01-01T12:00:00.\u0665",
    "2020-01-01T12:00+\uff10\uff11:00",
    "\uff11\uff12\uff13",
    "1.\u0665",
    "1e\uff11",
]


@pytest.mark.parametrize("written", DIGITS)
def test_a_time_in_digits_of_another_script_is_a_bad_row(tmp_path: Path, written: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEAD + GOOD + f"a,z,{written}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"line 4, column timestamp: '{written}' is not a time".replace("+", r"\+")):
        read(path)
    data = read(path, on_error="skip")
    assert tuples(data) == [("a", "x", 1), ("b", "y", 2)]
    assert any("1 of 3 rows were skipped" in note for note in data.notes)


@pytest.mark.parametrize("twice", [False, True])
def test_a_header_of_very_many_columns_is_refused_at_once(tmp_path: Path, twice: bool) -> None:
    path, more = tmp_path / "x.csv", [f"c{n}" for n in range(100_000)]
    path.write_text(",".join(["user", "item", "timestamp", *more, *(["c7"] if twice else [])]) + "\na,x,1\n")
    start = time.perf_counter()
    with pytest.raises(
        DataError, match="two columns are called 'c7'" if twice else "100,003 columns, but at most 4,096"
    ):
        read(path)
    assert time.perf_counter() - start < 10  # 0.2 s on a quiet machine


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("place", [1, 2, 3], ids=["first row", "second row", "last row"])
def test_a_byte_order_mark_on_a_later_line_is_no_part_of_an_id(tmp_path: Path, encoding: str, place: int) -> None:
    lines = [HEAD, "a,x,1\n", "a,y,2\n", "a,z,3\n"]
    lines[place] = "\ufeff" + lines[place]
    path = tmp_path / "x.csv"
    path.write_text("".join(lines), encoding=encoding)
    data = read(path)
    assert tuples(data) == [("a", "x", 1), ("a", "y", 2), ("a", "z", 3)]
    assert any("byte-order mark" in note for note in data.notes)


def test_a_byte_order_mark_within_a_value_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEAD + "a,x\ufeffy,1\n", encoding="utf-8")
    assert tuples(read(path)) == [("a", "x\ufeffy", 1)]


LINES = {
    "deep lists": '{"user": "c", "item": "z", "timestamp": 3, "x": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "below Python's limit": '{"user": "c", "item": "z", "timestamp": 3, "x": ' + "[" * 900 + "]" * 900 + "}",
    "digits": '{"user": "c", "item": "z", "timestamp": ' + "9" * 5_000 + "}",
    "digits elsewhere": '{"user": "c", "item": "z", "timestamp": 3, "x": ' + "9" * 5_000 + "}",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_json_bomb_is_a_bad_row(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"user": "a", "item": "x", "timestamp": 1, "x": 1}\n' + line + "\n")
    with pytest.raises(DataError, match=r"x\.jsonl, line 2: "):
        read(path)
    data = read(path, on_error="skip")
    assert tuples(data) == [("a", "x", 1)]
    assert any("1 of 2 rows were skipped" in note for note in data.notes)


def test_a_damaged_zip_is_one_message_wherever_it_is_damaged(tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", HEAD + GOOD * 20)
    content = whole.read_bytes()
    path, refused = tmp_path / "x.csv.zip", list[str]()
    for at in range(0, len(content), 2):
        for damaged in (content[:at], content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]):
            path.write_bytes(damaged)
            try:
                read(path, on_error="skip")
            except DataError as error:
                refused.append(str(error))
    assert len(refused) > len(content) // 2
    assert all(str(path) in message for message in refused)
