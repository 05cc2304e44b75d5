"""Text in the encodings of the world: named, told by a mark, or guessed and told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from recframe.builtin.datasets.tabular import TabularOptions
from recframe.builtin.datasets.tabular.formats import text as tabular_text
from recframe.errors import DataError, SpecError
from tests.builtin.datasets.tabular.tables import TEXT_EVENTS, TEXT_ROWS, TEXTS, read, tuples
from tests.builtin.datasets.tabular.test_fuzz import SETTINGS


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16", "UTF-16-LE", "gb18030", "cp850"]
)
def test_a_named_encoding(tmp_path: Path, format: str, encoding: str) -> None:
    text = TEXTS[format]
    if encoding == "gb18030":
        text = text.replace("Café", "咖啡")
    (tmp_path / f"x.{format}").write_bytes(text.encode(encoding))
    expected = sorted((u, i.replace("Café", "咖啡") if encoding == "gb18030" else i, t) for u, i, t in TEXT_ROWS)
    data = read(tmp_path / f"x.{format}", encoding=encoding)
    assert sorted(tuples(data)) == expected
    assert not any("guess" in note for note in data.notes)


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_needs_no_name(tmp_path: Path, format: str, encoding: str) -> None:
    (tmp_path / f"x.{format}").write_bytes(TEXTS[format].encode(encoding))
    data = read(tmp_path / f"x.{format}")
    assert sorted(tuples(data)) == TEXT_EVENTS
    assert not any("guess" in note for note in data.notes)


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_guessed_and_told(tmp_path: Path, format: str, encoding: str) -> None:
    (tmp_path / f"x.{format}").write_bytes(TEXTS[format].encode(encoding))
    data = read(tmp_path / f"x.{format}")
    assert sorted(tuples(data)) == TEXT_EVENTS
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
    assert sorted(tuples(data)) == sorted((u, i.replace("Ünder", "€ 5"), t) for u, i, t in TEXT_ROWS)
    (guess_note,) = (note for note in data.notes if "guess" in note)
    assert guess_note.startswith(f"{path} is not UTF-8 and was read as cp1252, a guess")
    assert "dataset.encoding=latin-1" in guess_note


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
    with pytest.raises(DataError, match=r"x\.csv cannot be read as utf-16: .*; set another encoding"):
        read(tmp_path / "x.csv", encoding="utf-16")


@pytest.mark.parametrize(
    ("name", "hint"), [("latin1x", "did you mean 'latin1'"), ("base64", "base64"), ("", "such as"), ("a\0", "such as")]
)
def test_an_encoding_that_python_does_not_know(name: str, hint: str) -> None:
    with pytest.raises(SpecError, match="is not a text encoding that Python knows; ") as refusal:
        TabularOptions(path="x.csv", encoding=name)
    assert hint in str(refusal.value)
