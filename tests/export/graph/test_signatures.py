"""What the exported graph takes and gives: batches, lists of ids to leave out or let in, all scores, strange ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

import recframe
from recframe.errors import SpecError
from recframe.export.graph.serving import ANSWER, SCORES
from recframe.export.litert.lite import LiteModel, ask_lite, convert
from recframe.plugin.exporting import ExportContext
from tests.export.untrained import untrained

ITEMS = 400


@pytest.fixture(scope="module")
def context() -> ExportContext:
    return untrained(Path(), "export.exclude_ids=5", "export.allow_ids=12")


@pytest.fixture(scope="module")
def content(context: ExportContext) -> bytes:
    return convert(context.module, "float32", "test")


_ids = st.lists(st.integers(-3, ITEMS + 5), max_size=12)


@settings(max_examples=30, deadline=None)
@given(history=st.lists(st.integers(-2, ITEMS + 4), max_size=8), exclude=_ids.map(lambda ids: ids[:5]), allow=_ids)
@example(history=[1], exclude=[], allow=[ITEMS + 5, -1])  # nothing is left, and not everything
@example(history=[1], exclude=[], allow=[0, 0])
def test_lists_and_history_rule_items_out(
    content: bytes, context: ExportContext, history: list[int], exclude: list[int], allow: list[int]
) -> None:
    inputs = {"item": _row(history, 8), "exclude_ids": _row(exclude, 5), "allow_ids": _row(allow, 12)}
    answer, scores = ask_lite(content)(inputs), LiteModel(content).score({"item": inputs["item"]})[0].copy()
    labels = len(context.catalogue.labels)
    known = [{value for value in values if 0 < value < labels} for values in (history, exclude, allow)]
    ruled_out = {0} | known[0] | known[1] | (set(range(labels)) - known[2] if any(allow) else set())
    scores[list(ruled_out)] = -np.inf
    best = np.argsort(-scores, kind="stable")[:10]
    wanted = [int(label) if np.isfinite(scores[label]) else 0 for label in best]
    assert answer.ids[0].tolist() == wanted
    real = np.array(wanted) > 0
    np.testing.assert_allclose(answer.scores[0][real], scores[best][real], rtol=1e-5, atol=1e-5)


def _row(values: list[int], size: int) -> np.ndarray:
    row = np.zeros((1, size), np.int32)
    row[0, : len(values)] = values
    return row


@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm"])
@pytest.mark.parametrize("batch", ["3", "model_maker"])
def test_every_batch_answers_as_one_does(encoder: str, batch: str) -> None:
    context = untrained(Path(), f"encoder={encoder}", f"export.batch={batch}")
    content = convert(context.module, "float32", "test")
    ask = ask_lite(content)
    size = 3 if batch == "3" else 1
    for first in (0, 30):
        chosen = slice(first, first + size)
        answer = ask({name: values[chosen] for name, values in context.histories.items()})
        np.testing.assert_array_equal(answer.ids.reshape(size, -1), context.expected.ids[chosen])
    scores = LiteModel(content).score({name: values[:7] for name, values in context.histories.items()})
    assert scores.shape == (7, len(context.catalogue.labels))


@pytest.mark.parametrize("encoder", ["bow", "cnn"])
def test_any_batch_at_once(encoder: str) -> None:
    from ai_edge_litert.interpreter import Interpreter

    context = untrained(Path(), f"encoder={encoder}", "export.batch=dynamic")
    interpreter = Interpreter(model_content=convert(context.module, "float32", "test"), num_threads=1)
    for rows in (1, 4, 2):
        runner = interpreter.get_signature_runner(ANSWER)
        answer = runner(**{name: values[:rows] for name, values in context.histories.items()})
        np.testing.assert_array_equal(answer["top_prediction_ids"], context.expected.ids[:rows])


def test_without_the_second_signature(tmp_path: Path) -> None:
    context = untrained(tmp_path, "export.scores_signature=false")
    assert context.module.signatures == (ANSWER,)
    scores_function = context.module.concrete(SCORES)  # still there to measure by
    assert scores_function is not None


@pytest.mark.parametrize("value", ["0", "many", "-1", "true", "1.5"])
def test_a_batch_that_is_none(value: str) -> None:
    with pytest.raises(SpecError, match="batch"):
        recframe.compose([f"export.batch={value}"])


def test_variants_named_twice() -> None:
    with pytest.raises(SpecError, match="each once"):
        recframe.compose(["export.variants=[int8,int8]"])
