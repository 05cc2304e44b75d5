"""The page finds the words of a text, and the texts of numbers, as recframe.runtime does: strange ones above all."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("recframe_web", reason="recframe-web is not installed: there is no npm")

from recframe import text_of, words_of
from recframe.runtime.inputs import FeatureInput
from recframe_web.content import _column
from recframe_web.site import PAGE

HERE = Path(__file__).parent
TEXTS = [
    *("Toy Story (1995)", "", " ", "  a  b ", "a", "(", "a(b)c", "tab\tand\nline\r\n", "no\u00a0break", "\ufeffbom a"),
    *(
        "\u5168\u89d2\u3000\u7a7a\u767d",
        "caf\u00e9",
        "cafe\u0301",
        "\U0001f469\u200d\U0001f467 \U0001f600\U0001f680x",
        "\U0001f600",
    ),
    *(
        "x]y^z\\w-v",
        "^a",
        "a-z",
        "[a]",
        "$&",
        "nul\0byte",
        "\u0130stanbul \u1e9e \ufb01",
        "\u202eright",
        "\u0ba8\u0bbf",
    ),
    *("__proto__ constructor toString", "1995 1e3 007 -0 NaN", "true False null None", "a " * 30, "same same same"),
]
SPACES = [ord(letter) for letter in " ()\t\n\r"]
SEPARATORS = {
    "none": [],
    "spaces": SPACES,
    "of a pattern": [ord(letter) for letter in "]^\\-[$"],
    "beyond 16 bits": [0x1F600, 0x200D, 0x3000],
    "a letter and NUL": [ord("a"), 0],
}
STEPS = 2


def both(
    raw: Sequence[Any], column: Sequence[Any], vocabulary: Sequence[str], statistics: Mapping[str, Any], **about: Any
) -> tuple[list[list[float]], list[list[float]]]:
    """The input of each item alone, as the page makes it and as recframe.runtime does.

    Args:
        raw: The value of each item.
        column: The same as data.json has it.
    """
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    labels = ["", *(f"item-{number}" for number in range(len(raw)))]
    entry = {"name": "title", "source": "title", "dtype": "int32", "steps": STEPS, "statistics": statistics, **about}
    page = {**entry, "column": "title", "vocabulary": "title"}
    data = {"inputs": [page], "labels": labels, "columns": {"title": [None, *column]}}
    app = {**entry, "scope": "history", "vocabulary": "vocab/title.txt"}
    reader = FeatureInput(app, True, vocabulary, labels, lambda label: raw[label - 1])
    read = []
    for label in range(1, len(labels)):
        row = np.zeros(reader.shape, np.int32)
        reader.write(row, [label])
        read.append(row.reshape(-1).tolist())
    return made_by_page({**data, "vocabularies": {"title": list(vocabulary)}}, len(raw)), read


def made_by_page(data: Mapping[str, Any], items: int) -> list[list[float]]:
    histories = [{"labels": [label], "times": [None]} for label in range(1, items + 1)]
    # As the page gets them: two files of UTF-8.
    script = "import fs from 'fs'; const [module, data, asked] = JSON.parse(fs.readFileSync(0, 'utf-8'));"
    script += "const { InputMaker } = await import(module); const maker = new InputMaker(data);"
    script += "console.log(JSON.stringify(asked.map((h) => [...maker.make(h.labels, h.times).title])));"
    command = ["node", "--input-type=module", "-e", script]
    asked = json.dumps([(PAGE / "inputs.js").as_uri(), data, histories], ensure_ascii=False)
    done = subprocess.run(command, input=asked, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    made: list[list[float]] = json.loads(done.stdout)
    return made


@pytest.mark.parametrize("hashed", [False, True], ids=["left out", "hashed"])
@pytest.mark.parametrize("separators", SEPARATORS.values(), ids=SEPARATORS)
def test_the_page_splits_as_the_runtime_does(separators: list[int], hashed: bool) -> None:
    statistics: dict[str, Any] = {"split_at": separators}
    words = list(dict.fromkeys(word for text in TEXTS for word in words_of(text, statistics)))
    vocabulary = ["", *words[::2]]  # the others are unknown
    if hashed:
        statistics |= {"hash_from": len(vocabulary), "hash_buckets": 50}
    values = [*TEXTS, None, 1995]
    page, runtime = both(values, values, vocabulary, statistics, values="pooled", shape=[1, STEPS, 12])
    assert page == runtime
    assert sum(any(row) for row in runtime) > 10


@pytest.mark.parametrize("column", [[2**53 - 1, 2**53, 2**53 + 1, 2**63, -(2**60), 7], [1.5, 2.0, 1e22, 0.1, 1e-7]])
def test_the_page_reads_the_texts_of_numbers(column: list[Any]) -> None:
    vocabulary = ["", *map(text_of, column)]
    columns = {"title": column}
    sent = json.loads(json.dumps(columns[_column("title", columns, texts=True)]))
    page, runtime = both(column, sent, vocabulary, {}, values="one", shape=[1, STEPS])
    assert page == runtime == [[place, 0] for place in range(1, len(vocabulary))]
