"""`recframe check` refuses datasets and exporters that are wrong in usual ways, and says what is wrong with which."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recframe.testing.fixtures import temporary_plugin
from recframe.testing.runner import check

__all__ = ["temporary_plugin"]

DATASET = """\
import numpy as np
import recframe

def made(**changes):
    data = {
        "offsets": np.arange(0, 61, 6), "item": np.arange(60, dtype=np.int32) % 9, "timestamp": np.arange(60),
        "user_ids": np.arange(10), "items": {"id": np.arange(9)},
    }
    return recframe.Interactions(**{**data, **changes})

def load(options, context):
    LOAD

@recframe.hookimpl
def recframe_datasets():
    yield recframe.DatasetType("faulty", summary="Faulty.", load=load, check=lambda options: CHECK)
"""
EXPORTER = """\
import recframe

def export(options, context):
    EXPORT

@recframe.hookimpl
def recframe_exporters():
    yield recframe.ExporterType("faulty", summary="Faulty.", export=export)
"""
FILE = "return [recframe.ExportedFile('faulty/float32', {!r}, {{'overlap': 1.0, 'max_score_difference': 0.0}})]"


def refusal_of(source: str, install: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> str:
    """What `check` prints of a module."""
    assert check(install(source)) == 1
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("load", "words"),
    [
        ("return None", "dataset 'faulty' returns None from `load`; wanted are recframe.Interactions"),
        ("import polars; return polars.DataFrame({'user': [1]})", "dataset 'faulty' returns a DataFrame from `load`"),
        (
            "raise ValueError('line 3')",
            "dataset 'faulty' raises ValueError in `load`: line 3; raise recframe.DataError",
        ),
        ("return made(item=np.arange(60, dtype=np.int32))", "dataset 'faulty': item holds 0 to 59, but the item table"),
        ("return made(timestamp=np.arange(60)[::-1])", "dataset 'faulty': event 1 is older than the user's previous"),
        ("return made(offsets=np.arange(61), user_ids=np.arange(60))", "dataset 'faulty' cannot be split: split=leave"),
        ("return made(item=np.random.permutation(60).astype(np.int32) % 9)", "item differs between two loads"),
    ],
    ids=["none", "table", "raises", "range", "unsorted", "one event a user", "other data each time"],
)
def test_a_wrong_dataset_is_refused(
    load: str, words: str, temporary_plugin: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = refusal_of(DATASET.replace("LOAD", load).replace("CHECK", "None"), temporary_plugin, capsys)
    assert words in printed
    assert "dataset/faulty" in printed


def test_a_check_that_fails_is_refused(
    temporary_plugin: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    source = DATASET.replace("LOAD", "return made()")
    printed = refusal_of(source.replace("CHECK", "1 / 0"), temporary_plugin, capsys)
    assert "dataset 'faulty' loads with NoOptions(), but `check` raises ZeroDivisionError" in printed


def test_the_same_dataset_without_a_fault_passes(temporary_plugin: Callable[..., str]) -> None:
    assert check(temporary_plugin(DATASET.replace("LOAD", "return made()").replace("CHECK", "None"))) == 0


@pytest.mark.parametrize(
    ("export", "words"),
    [
        ("return None", "exporter 'faulty' gives None in `export`; expected a list of recframe.ExportedFile"),
        ("return [context.folder]", "exporter 'faulty' gives a PosixPath among its files"),
        ("raise RuntimeError('disk gone')", "exporter 'faulty' raises RuntimeError in `export`: disk gone"),
        (
            FILE.format("model.bin"),
            "exporter 'faulty' says that faulty/float32 is 'model.bin', which is not in context.folder",
        ),
        (
            FILE.format("../model.bin"),
            "'../model.bin' as the path of faulty/float32; expected a file or folder below context.folder",
        ),
        (
            "(context.folder.parent / 'stray.bin').write_text('x'); " + FILE.format("."),
            "exporter 'faulty' writes outside of context.folder: ",
        ),
    ],
    ids=["none", "path", "raises", "missing", "outside", "stray"],
)
def test_a_wrong_exporter_is_refused(
    export: str, words: str, temporary_plugin: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = refusal_of(EXPORTER.replace("EXPORT", export), temporary_plugin, capsys)
    assert words in printed
    assert "exporter/faulty" in printed
