"""Every row is kept, skipped or filtered, and the kept ones are the right ones: in every format, and across borders.

What is expected follows from how each file was made up here, line by line.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings, strategies as st

from recframe.builtin.datasets.tabular.build import build
from recframe.builtin.datasets.tabular.formats import (
    columnar as tabular_columnar,
    csv_rows as tabular_csv,
    json_rows as tabular_json,
    quoted as tabular_quoted,
    quoted_lines as tabular_lines,
)
from recframe.builtin.datasets.tabular.formats.format import Reading
from recframe.builtin.datasets.tabular.formats.frame import open_table
from recframe.builtin.datasets.tabular.formats.shards import open_shards
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import ColumnOptions, RowOptions
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions

NAMES = ("user", "item", "timestamp", "rating", "note")
COLUMNS = ColumnOptions(rating="rating")
LEAST = 3.0

#: What a row is: well-formed, blank, or broken in some way. Quotation marks open values that begin with a letter, so
#: that one which is not closed is followed, at the next one, by a letter: no two of them can make up a value.
KINDS = ("good", "low", "quoted", "lines", "blank", "short", "unclosed", "after", "no user")


@frozen
class Row:
    """A row as it stands in a file.

    Attributes:
        text: Its lines; None where the format has no such row.
        fate: `kept`, `filtered`, `bad`, or nothing for what is no row.
    """

    text: str
    fate: str
    event: tuple[str, str, int, float]


def csv_row(kind: str, number: int, mark: str, quotes: bool) -> Row:
    event = (f"u{number % 3}", f"i{number}", number, 1.0 if kind == "low" else 4.0)
    note = {
        "quoted": f'"a{mark}""b"""' if quotes else '"a"',
        "lines": f'"a\n\n{mark}b\n"' if quotes else "a",
        "unclosed": '"x',
        "after": '"x"y',
    }.get(kind, "é")
    fields = ["" if kind == "no user" else event[0], event[1], str(event[2]), str(event[3]), note]
    text = "" if kind == "blank" else mark.join(fields[:3] if kind == "short" else fields)
    broken = kind in ("short", "no user") or (quotes and kind in ("unclosed", "after"))
    fate = "" if kind == "blank" else "bad" if broken else "filtered" if kind == "low" else "kept"
    return Row(text + "\n", fate, event)


def json_row(kind: str, number: int) -> Row:
    event = (f"u{number % 3}", f"i{number}", number, 1.0 if kind == "low" else 4.0)
    values = dict(zip(NAMES, (*event, "é\n"), strict=True))
    if kind == "no user":
        del values["user"]
    text = {"blank": "", "short": "[1]", "unclosed": '{"user": "x', "after": "{} {}"}.get(kind, json.dumps(values))
    broken = kind in ("short", "unclosed", "after", "no user")
    fate = "" if kind == "blank" else "bad" if broken else "filtered" if kind == "low" else "kept"
    return Row(text + "\n", fate, event)


def table_row(kind: str, number: int) -> Row:
    """A row of a table with types: what is broken there has no user."""
    broken = kind in ("short", "unclosed", "after", "no user", "blank")
    event = (f"u{number % 3}", f"i{number}", number, 1.0 if kind == "low" else 4.0)
    return Row("", "bad" if broken else "filtered" if kind == "low" else "kept", event)


@contextmanager
def borders(chunk: int, rows: int, span: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabular_csv, "CHUNK", chunk)
        patch.setattr(tabular_lines, "SPAN", span)
        for module in (tabular_columnar, tabular_json, tabular_quoted):
            patch.setattr(module, "ROWS", rows)
        yield


def loaded(sources: list[Any], ledger: Ledger) -> Interactions:
    options = RowOptions(columns=COLUMNS, min_rating=LEAST, on_error="skip" if ledger.skip else "raise")
    return build(options, [(0, source) for source in sources], [], [], ledger)


def check(sources: list[Any], rows: list[Row], ledger: Ledger) -> None:
    """The book of what was read, and the events, against the rows as they were made."""
    fates = [row.fate for row in rows]
    kept = sorted(row.event for row in rows if row.fate == "kept")
    if not kept:
        with pytest.raises(DataError, match="no interactions"):
            loaded(sources, ledger)
        return
    data = loaded(sources, ledger)
    assert ledger.read == sum(fate != "" for fate in fates)
    assert sum(ledger.skipped.values()) == fates.count("bad")
    assert sum(ledger.filtered.values()) == fates.count("filtered")
    users, items = data.user_ids[data.user_of_event()].tolist(), data.items["id"][data.item].tolist()
    assert sorted(zip(users, items, data.timestamp.tolist(), data.events["rating"].tolist(), strict=True)) == kept


ROWS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=14)
BORDERS = {"chunk": st.sampled_from((1, 9, 40, 1 << 20)), "rows": st.sampled_from((1, 3, 1000)), "span": st.just(5)}
SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)


@SETTINGS
@given(
    shards=st.lists(ROWS, min_size=1, max_size=3),
    format=st.sampled_from(("csv", "tsv", "jsonl")),
    quote=st.sampled_from(("auto", "none", '"')),
    end=st.sampled_from(("\n", "\r\n")),
    encoding=st.sampled_from(("utf-8", "utf-16", "cp1252")),
    last=st.booleans(),
    header=st.booleans(),
    packed=st.booleans(),
    borders_=st.fixed_dictionaries(BORDERS),
)
def test_of_text_every_row_is_counted(
    tmp_path_factory: pytest.TempPathFactory,
    shards: list[list[str]],
    format: str,
    quote: str,
    end: str,
    encoding: str,
    last: bool,
    header: bool,
    packed: bool,
    borders_: dict[str, int],
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    mark, quotes = "\t" if format == "tsv" else ",", quote == '"' or (quote == "auto" and format == "csv")
    rows: list[Row] = []
    for shard, kinds in enumerate(shards):
        made = [
            json_row(kind, 100 * shard + n) if format == "jsonl" else csv_row(kind, 100 * shard + n, mark, quotes)
            for n, kind in enumerate(["good", *kinds])  # the first row tells how many columns there are
        ]
        text = (mark.join(NAMES) + "\n" if header and format != "jsonl" else "") + "".join(row.text for row in made)
        content = (text if last else text.removesuffix("\n")).replace("\n", end).encode(encoding)
        (folder / f"{shard}.{format}{'.gz' * packed}").write_bytes(gzip.compress(content) if packed else content)
        rows += made
    names = () if header or format == "jsonl" else NAMES
    reading = Reading(format=format, quote=quote, encoding=encoding, header=header, names=names)
    with borders(**borders_):
        for skip in (True, False):
            ledger = Ledger(skip=skip)
            sources = open_shards(str(folder), reading, "dataset.path", ledger)
            bad = [row for row in rows if row.fate == "bad"]
            if skip or not bad:
                check(sources, rows, ledger)
                messages = [note for note in ledger.notes() if "rows were skipped" in note]
                assert bool(messages) == bool(bad)
            else:
                with pytest.raises(DataError) as error:
                    loaded(sources, ledger)
                messages = [str(error.value)]
            for message in messages:
                (place,) = re.findall(r"(\d+)\.\w+(?:\.gz)?, line (\d+)[,:]", message)
                assert (int(place[0]), int(place[1])) in bad_lines(rows, header and format != "jsonl")


def bad_lines(rows: list[Row], header: bool) -> set[tuple[int, int]]:
    """File and first line of each bad row; the items of each file are numbered from a hundred of its own on."""
    lines, line = set(), 0
    for row in rows:
        file, place = divmod(int(row.event[1][1:]), 100)
        line = 1 + header if place == 0 else line
        if row.fate == "bad":
            lines.add((file, line))
        line += row.text.count("\n")
    return lines


@SETTINGS
@given(
    shards=st.lists(ROWS, min_size=1, max_size=3),
    format=st.sampled_from(("parquet", "arrow", "frame")),
    rows_at_once=st.sampled_from((1, 3, 1000)),
)
def test_of_tables_every_row_is_counted(
    tmp_path_factory: pytest.TempPathFactory, shards: list[list[str]], format: str, rows_at_once: int
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    rows: list[Row] = []
    sources: list[Any] = []
    ledger = Ledger(skip=True)
    with borders(1, rows_at_once, 5):
        for shard, kinds in enumerate(shards):
            made = [table_row(kind, 100 * shard + n) for n, kind in enumerate(kinds)]
            rows += made
            values = [(None if row.fate == "bad" else row.event[0], *row.event[1:]) for row in made]
            types = dict(zip(NAMES, (pl.String(), pl.String(), pl.Int64(), pl.Float64()), strict=False))
            frame = pl.DataFrame(values, schema=types, orient="row")
            if format == "frame":
                sources.append(open_table(frame, f"table {shard}"))
                continue
            path = folder / f"{shard}.{format}"
            frame.write_parquet(path) if format == "parquet" else frame.write_ipc(path)
        if format != "frame":
            sources = open_shards(str(folder), Reading(), "dataset.path", ledger)
        check(sources, rows, ledger)
