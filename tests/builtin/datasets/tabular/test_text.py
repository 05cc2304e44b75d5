"""Text stays text: a category is what the file says, in every format and every table."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings, strategies as st

import recframe
from recframe.builtin.datasets.tabular import extras as tabular_extras, fixed_width as tabular_texts, from_table
from recframe.data.encode import encode_features
from recframe.data.notes import float_category_notes
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from tests.builtin.datasets.tabular.tables import read, write

FORMATS = ("csv", "tsv", "jsonl", "parquet", "arrow")
ODD = ["1.1", "1.10", "2", "2.0", "0007", "7", "1e3", "1000", "-0", "0", "+1", "1", " 1", "1 ", ".5", "0.5", "1E3"]
ODD += [
    "NaN",
    "nan",
    "inf",
    "-inf",
    "true",
    "True",
    "false",
    "null",
    "None",
    "N/A",
    "9007199254740993",
    "1_000",
    "é",
    "\u0661",
]
ODD += [
    "18446744073709551615",
    "9223372036854775808",
    "12345678901234567890123",
    "0.1000000000000000055",
    "1e400",
    "--",
]
# No line break, quote or separator: how those are read is another matter.
WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"), exclude_characters='"'), min_size=1)
TEXTS = st.lists(st.sampled_from(ODD) | WORD | st.decimals(places=2, allow_nan=False).map(str), min_size=1, max_size=12)


def write_rows(rows: list[dict[str, Any]], path: Path) -> Path:
    """Rows of texts, written without any of ours."""
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        write(pl.DataFrame(rows), path)
    return path


def features_of(data: Interactions, *features: str, source: str = "word") -> dict[str, Any]:
    """Features of the source, each `NAME:TYPE`, encoded as a run does it, with all events in training."""
    overrides = ["groups.history.features.item.type=string"]
    for feature in features:
        name, kind = feature.split(":")
        where = f"groups.history.features.{name}"
        overrides += [f"{where}.type={kind}", f"{where}.source={source}"]
    in_training = np.ones(data.num_events, bool)
    return dict(encode_features(recframe.compose(overrides), recframe.load_plugins(), data, in_training))


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS)
@example(texts=ODD)
def test_a_vocabulary_holds_the_texts_of_the_file(texts: list[str]) -> None:
    rows = [{"user": "u", "item": f"i{n}", "timestamp": n, "word": text} for n, text in enumerate(texts)]
    items = [{"item": row["item"], "attribute": row["word"]} for row in rows]
    users = [{"user": "u", "name": texts[0]}]
    with tempfile.TemporaryDirectory() as folder:
        for ending in FORMATS:
            paths = [Path(folder, f"{name}.{ending}") for name in ("events", "items", "users")]
            for table, path in zip((rows, items, users), paths, strict=True):
                write_rows(table, path)
            data = read(paths[0], items=str(paths[1]), users=str(paths[2]))
            _require_texts(data, texts, ending)
    frames = [pl.DataFrame(table) for table in (rows, items, users)]
    _require_texts(from_table(frames[0], items=frames[1], users=frames[2]), texts, "polars")
    pandas = [pd.DataFrame(table) for table in (rows, items, users)]
    _require_texts(from_table(pandas[0], items=pandas[1], users=pandas[2]), texts, "pandas")


def _require_texts(data: Interactions, texts: list[str], where: str) -> None:
    from recframe.runtime.encoding import texts_of

    column = data.column("word")
    assert texts_of(column.values)[column.index].tolist() == texts, where
    # Items without a row of their own are in the order of their ids.
    rows = {f"i{n}": text for n, text in enumerate(texts)}
    attributes = dict(zip(data.items["id"].tolist(), texts_of(data.items["attribute"]).tolist(), strict=True))
    assert attributes == rows, where
    assert texts_of(data.users["name"]).tolist() == texts[:1], where


@pytest.mark.parametrize("ending", FORMATS)
def test_vocabularies_of_a_run(tmp_path: Path, ending: str) -> None:
    rows = [{"user": f"u{n % 3}", "item": f"i{n}", "timestamp": n, "word": ODD[n]} for n in range(len(ODD))]
    data = read(write_rows(rows * 2, tmp_path / f"x.{ending}"))
    feature = features_of(data, "word:string")["word"]
    assert feature.vocabulary is not None
    assert sorted(feature.vocabulary) == sorted(["", *ODD])
    assert not list(float_category_notes({"word": feature}, data))


def test_number_literals_of_json_lines_are_text(tmp_path: Path) -> None:
    literals = ["1.10", "1.1", "1e3", "1000", "2.0", "2", "-0", "0", "0.10", "12345678901234567890", "1E-2", "-0.0"]
    lines = [f'{{"user": 1, "item": {n}, "timestamp": {n}, "word": {text}}}\n' for n, text in enumerate(literals)]
    (tmp_path / "x.jsonl").write_text("".join(lines))
    (tmp_path / "items.jsonl").write_text(
        "".join(f'{{"item": {n}, "code": {t}, "tags": [{t}, 1.50]}}\n' for n, t in enumerate(literals))
    )
    data = read(tmp_path / "x.jsonl", items=str(tmp_path / "items.jsonl"))
    assert data.categories["word"][data.events["word"]].tolist() == literals
    assert data.items["code"].tolist() == literals
    assert data.items["tags"].tolist() == [[text, "1.50"] for text in literals]
    assert not any("is text" in note for note in data.notes)
    # The parts of an event are read by their value.
    (tmp_path / "y.jsonl").write_text('{"user": 1.0, "item": 2.0, "timestamp": 1.50e1, "rating": 4.50}\n')
    data = read(tmp_path / "y.jsonl", {"rating": "rating"})
    assert (data.user_ids.tolist(), data.items["id"].tolist(), data.timestamp.tolist()) == ([1], [2], [15])
    assert data.events["rating"].tolist() == [4.5]


def test_literals_in_a_later_batch_make_all_of_them_text(tmp_path: Path) -> None:
    first = '{"user": 1, "item": 1, "timestamp": 1, "word": 1.5}\n{"user": 1, "item": 1, "timestamp": 2, "word": 2}\n'
    (tmp_path / "0.jsonl").write_text(first)
    (tmp_path / "1.jsonl").write_text('{"user": 1, "item": 1, "timestamp": 3, "word": 1.50}\n')
    data = read(tmp_path)
    assert data.categories["word"][data.events["word"]].tolist() == ["1.5", "2", "1.50"]
    assert not any("is text" in note for note in data.notes)


@pytest.mark.parametrize("source", ["polars", "pandas", "parquet", "jsonl"])
def test_truth_values_are_one_text_and_1_or_0(tmp_path: Path, source: str) -> None:
    frame = pl.DataFrame({"user": ["a", "a", "b"], "item": ["x", "y", "x"], "timestamp": [1, 2, 3]})
    events = frame.with_columns(word=pl.Series([True, False, True]))
    items = pl.DataFrame({"item": ["x", "y"], "flag": [True, False], "gap": [None, True]})
    if source == "pandas":
        data = from_table(events.to_pandas(), items=items.to_pandas())
    elif source == "polars":
        data = from_table(events, items=items)
    else:
        data = read(write(events, tmp_path / f"x.{source}"), items=str(write(items, tmp_path / f"items.{source}")))
    features = features_of(data, "word:string", "number:float")
    assert set(features["word"].vocabulary or ()) == {"", "true", "false"}
    assert sorted(features["number"].codes[:-1].tolist()) == pytest.approx([0, 1, 1], abs=1e-5)
    assert features["word"].codes[:-1].tolist() == [1, 2, 1]
    flags = features_of(data, "flag:string", source="flag")["flag"]
    gaps = features_of(data, "gap:string", source="gap")["gap"]
    assert set(flags.vocabulary or ()) == {"", "true", "false"}
    assert set(gaps.vocabulary or ()) == {"", "true"}


@pytest.mark.parametrize("kind", [pl.Float64, pl.Float32, pl.Decimal(10, 2)])
def test_floats_that_are_read_as_categories_are_told(kind: Any) -> None:
    frame = pl.DataFrame({"user": ["a"] * 3, "item": ["x", "y", "z"], "timestamp": [1, 2, 3]})
    data = from_table(frame.with_columns(word=pl.Series(["1.10", "2.00", "1.10"]).cast(pl.Float64).cast(kind)))
    features = features_of(data, "word:string", "number:float")
    assert set(features["word"].vocabulary or ()) == {"", "1.1", "2"}
    (note,) = float_category_notes(features, data)
    assert note.startswith("feature 'word': each number of 'word' is a category, such as '1.1'")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_missing_number_is_no_0(tmp_path: Path, ending: str) -> None:
    frame = pl.DataFrame({"user": ["a"] * 4, "item": list("wxyz"), "timestamp": [1, 2, 3, 4], "word": [5, 0, None, 5]})
    items = pl.DataFrame({"item": list("wxyz"), "code": [7, None, 0, 7]})
    data = read(write(frame, tmp_path / f"x.{ending}"), items=str(write(items, tmp_path / f"items.{ending}")))
    features = features_of(data, "word:string", "whole:int", "number:float", "part:buckets")
    assert features["word"].vocabulary == features["whole"].vocabulary == ("", "5", "0")
    assert features["word"].codes[:-1].tolist() == features["whole"].codes[:-1].tolist() == [1, 2, 0, 1]
    assert features["number"].codes[:-1].tolist() == pytest.approx([5, 0, 0, 5], abs=1e-5)
    code = features_of(data, "code:string", source="code")["code"]
    assert code.codes[:-1].tolist() == [1, 0, 2, 1]
    notes = "\n".join(data.notes)
    assert (
        "column 'word' has no value in 1 of 4 rows: a feature reads these as unknown, or as 0 if it reads numbers"
        in notes
    )
    assert "has no value in 1 of 4 rows: a feature reads these as unknown" in notes.partition("column 'code'")[2]


def test_numbers_in_text_are_numbers_for_features_that_take_them() -> None:
    frame = pl.DataFrame(
        {"user": ["a"] * 3, "item": list("xyz"), "timestamp": [1, 2, 3], "word": ["1.10", "2.0", "1.1"]}
    )
    features = features_of(from_table(frame), "word:string", "number:float", "part:buckets")
    assert features["number"].codes[:-1].tolist() == pytest.approx([1.1, 2, 1.1])
    assert features["part"].codes[:-1].tolist() == [1, 2, 1]
    with pytest.raises(DataError, match=r"a `float` feature needs numbers, but one value is 'cheap'"):
        features_of(from_table(frame.with_columns(word=pl.Series(["1.10", "cheap", ""]))), "number:float")


def test_texts_that_take_too_much_memory_are_read_as_numbers_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular_texts, "ROOM", 100)
    (tmp_path / "x.csv").write_text("user,item,timestamp,word\n" + "".join(f"1,2,3,{n}.50\n" for n in range(20)))
    data = read(tmp_path / "x.csv")
    assert sorted(data.events["word"].tolist()) == [n + 0.5 for n in range(20)]
    (note,) = [note for note in data.notes if "memory" in note]
    assert note.startswith("column 'word' is read as numbers: its 20 different texts")


def test_many_numbers_with_a_gap_stay_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_extras, "MOST_TEXTS", 2)
    frame = pl.DataFrame({"user": [1] * 4, "item": [1] * 4, "timestamp": range(4), "word": [1.5, None, 2.5, 3.5]})
    data = from_table(frame)
    assert data.events["word"].tolist() == [1.5, 0, 2.5, 3.5]
    assert "column 'word' has no value in 1 of 4 rows: they are 0" in data.notes


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.integers(-(2**65), 2**65), st.booleans(), st.text(max_size=3), st.floats(width=32))
    )
)
def test_json_values_of_any_types_keep_their_text(values: list[Any]) -> None:
    values = [v for v in values if not (isinstance(v, float) and not np.isfinite(v)) and "\0" not in str(v)]
    if not values:
        return
    literals = [json.dumps(value) for value in values]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.jsonl")
        rows = [f'{{"user": 1, "item": 1, "timestamp": {n}, "word": {t}}}\n' for n, t in enumerate(literals)]
        path.write_text("".join(rows))
        data = read(path)
    from recframe.runtime.encoding import texts_of

    column = data.column("word")
    expected = ["" if v is None else v if isinstance(v, str) else t for v, t in zip(values, literals, strict=True)]
    assert texts_of(column.values)[column.index].tolist() == expected
