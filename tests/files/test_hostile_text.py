"""Untrusted text: names, JSON, YAML, and text for a terminal or a page."""

from __future__ import annotations

import json
import subprocess
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import recframe
from recframe import run_spec
from recframe.commands.failures import report
from recframe.commands.notes import say
from recframe.errors import SpecError
from recframe.errors.terminal import printable, printable_lines
from recframe.files.json_text import MAX_DEPTH, parse_json
from recframe.files.yaml_text import parse_yaml
from recframe.plugin.manager import load_plugins
from recframe.reporting.console import ConsoleListener
from recframe.runs.folder import read_metrics, require_figures
from recframe.runtime import cli as runtime_cli
from recframe.runtime.answers import BundleError
from recframe.runtime.files import BundleFiles
from recframe.spec.convert import structure
from recframe.spec.experiment import Component, GroupSpec, LabelSpec
from recframe.spec.option import require_name

PATHS = [
    "../../x",
    "a/b",
    "a\\b",
    "/etc/x",
    "x\0y",
    "\0",
    ".",
    "..",
    ".hidden",
    "a.",
    "a:b",
    "",
    " ",
    "a\nb",
    "x" * 101,
    "a*",
]
DEEP = 100_000


@pytest.mark.parametrize("name", PATHS, ids=repr)
def test_a_name_that_is_a_path_is_refused_everywhere(name: str) -> None:
    registries = load_plugins()
    feature = {"type": "int", "source": "item"}
    mappings: dict[str, dict[str, Any]] = {
        "groups": {"groups": {name: {"features": {"item": feature}}}},
        "groups.history.features": {"groups": {"history": {"features": {name: feature}}}},
        "label": {"label": {"name": name}},
    }
    for where, mapping in mappings.items():
        with pytest.raises(SpecError) as caught:
            structure(mapping, registries)
        assert len(caught.value.problems) == 1
        assert caught.value.problems[0].startswith(f"{where}.")
        assert "is not a valid name: it names files" in caught.value.problems[0]
    feature_spec = next(iter(structure({}, registries).groups["history"].features.values()))
    with pytest.raises(SpecError, match="is not a valid name"):
        GroupSpec({name: feature_spec}, Component("bow", None))
    with pytest.raises(SpecError, match="is not a valid name"):
        LabelSpec(name=name)


@pytest.mark.parametrize("name", ["item", "context_movie_id", "a-b", "a.b", "Größe", "品目", "x1", "_", "x" * 100])
def test_an_ordinary_name_is_accepted(name: str) -> None:
    require_name(name)


BOMBS = {
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "just too deep": "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
    "below Python's own limit": "[" * 900 + "]" * 900,
    "not closed": "[" * DEEP,
    "digits": f'{{"a": {"9" * 5_000}}}',
    "negative digits": f'{{"a": -{"9" * 5_000}}}',
    "half": '{"a": ',
    "NUL": '{"a": "\0"}',
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_json_bomb_is_a_value_error_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)
    assert time.perf_counter() - start < 2


def test_ordinary_json_is_read_as_by_python() -> None:
    value = {"a": [1, 2.5, None, True, "x\n"], "b": {"c": [[[[]]]]}, "d": "9" * 5_000}
    assert parse_json(json.dumps(value)) == value


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20)
)
YAML_BOMBS = {
    **{name: text for name, text in BOMBS.items() if name not in ("deep lists", "deep objects", "not closed")},
    "deep lists": "[" * 5_000 + "]" * 5_000,
    "deep mappings": "\n".join(" " * n + "a:" for n in range(1_500)),
    "billion laughs": LAUGHS,
    "an alias of itself": "a: &a [*a]",
    "merged": "a: &a {b: 1}\nc:\n  <<: *a",
    "a tag of Python": "!!python/object/apply:os.system ['true']",
    "no such day": "at: 2001-99-99",
    "a list as key": "? [1, 2]\n: 3",
    "a tab": "a:\n\tb: 1",
    "two documents": "a: 1\n---\nb: 2",
    "base 60": "a: 1:" + ":".join(["59"] * 5_000),
}


@pytest.mark.parametrize("text", YAML_BOMBS.values(), ids=YAML_BOMBS)
def test_a_yaml_bomb_is_one_message(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    start = time.perf_counter()
    with pytest.raises(SpecError) as caught:
        run_spec(tmp_path)
    assert time.perf_counter() - start < 20
    assert len(str(caught.value)) < 2_000


def test_ordinary_yaml_is_read_as_by_pyyaml() -> None:
    spec = recframe.compose([])
    text = yaml.safe_dump(recframe.spec.convert.unstructure(spec), sort_keys=False)
    assert parse_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_in_a_bundle_or_a_run_is_one_message(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match="cannot be read"):
        BundleFiles(tmp_path)
    (tmp_path / "metrics.json").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=r"metrics\.json: cannot be read"):
        read_metrics(tmp_path)


FIGURES: dict[str, Any] = {
    "counts": {"users": 1, "items": 2, "interactions": 3, "parameters": 4},
    "baselines": {"popularity": {"mean_rank": 1.0}},
    "validation": {"mean_rank": 1.0},
    "test": {"mean_rank": 1.0, "ndcg@10": 0.5},
    "training": [{"epoch": 1, "loss": 0.5, "ndcg@10": 0.1}],
    "exports": {"tflite/float32": {"bytes": 1, "overlap": 1.0, "histories": 3, "chosen": True}},
}
SCRIPT = "<script>alert(1)</script>"


def test_the_figures_that_recframe_writes_are_accepted() -> None:
    require_figures(FIGURES)
    require_figures({})


@pytest.mark.parametrize(
    "change",
    [
        {"counts": {**FIGURES["counts"], "users": SCRIPT}},
        {"counts": SCRIPT},
        {"counts": {}},
        {"test": {"mean_rank": 1.0, "ndcg@10": SCRIPT}},
        {"test": [SCRIPT]},
        {"baselines": {"popularity": {"mean_rank": [SCRIPT]}}},
        {"training": [{"epoch": 1, "loss": SCRIPT}]},
        {"training": {SCRIPT: 1}},
        {"exports": {"tflite/float32": {"bytes": 1, "overlap": 1.0, "histories": SCRIPT}}},
        {"exports": SCRIPT},
    ],
    ids=str,
)
def test_text_instead_of_a_figure_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps({**FIGURES, **change}), encoding="utf-8")
    with pytest.raises(SpecError, match=r"metrics\.json: cannot be read: .*expected"):
        read_metrics(tmp_path)


ESCAPES = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b31m",
    "a\rb",
    "a\bb",
    "\x7f",
    "\u202egpj.exe",
    "\u2066x\u2069",
    "\x00",
    "\ud800",
]


@pytest.mark.parametrize("text", ESCAPES, ids=ascii)
def test_control_characters_are_escaped(text: str) -> None:
    shown = printable(f"Café {text} 😀")
    assert shown.startswith("Café ")
    assert shown.endswith(" 😀")
    assert not any(unicodedata.category(c) in ("Cc", "Cs") or c in "\u202e\u2066\u2069" for c in shown)
    assert "\\" in shown


@pytest.mark.parametrize("text", ["Amélie", "七人の侍", "שלום", "👩‍👩‍👧", "क्ष", "naïve … “x”"])
def test_ordinary_unicode_is_printed_unchanged(text: str) -> None:
    assert printable(text) == text


def test_printable_lines_keeps_line_breaks() -> None:
    assert printable("a\nb") == "a\\nb"
    assert printable_lines("a\x1b\nb") == "a\\x1b\nb"


EVIL = "The \x1b]0;owned\x07Matrix\x9b2J \u202e"


def test_no_command_prints_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    runtime_cli._print_table(("id", "title"), [("1", EVIL)])
    ConsoleListener().say(f"a note on {EVIL}")
    say(f"a remark on {EVIL}")
    assert report(SpecError([f"no {EVIL}", "and another"]), show_traceback=False) == 2
    printed = "".join(capsys.readouterr())
    assert printed.count("Matrix") == 4
    assert "\\x1b]0;owned\\x07Matrix\\x9b2J \\u202e" in printed
    assert not any(character in printed for character in "\x1b\x07\x9b\u202e")


@pytest.mark.parametrize(
    "override",
    [
        "train.epochs=" + "9" * 5_000,
        "model.hidden_layer_dims=" + "[" * 300 + "]" * 300,
        "model.width=${model.width}",
        "seed=4294967296",
        "train.batch_size=1000000000",
        "train.batch_size=1e9",
        "model.width=1e400",
        "model.hidden_layer_dims=[1000000000]",
        "label.vocab_size=5000000000",
        "groups.a/b.features.item=int",
        "groups={'../../x':{features:{item:int}}}",
        "label.name=../../x",
        "export.batch=1000000000",
    ],
    ids=lambda text: text[:30],
)
def test_a_hostile_override_is_one_message(
    recframe: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, override: str
) -> None:
    done = recframe(override, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("recframe: ")
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 4_000
    assert not list(tmp_path.rglob("*.yaml"))
