"""data.json: the data from which the page makes the model's inputs and shows items."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recframe import Answers, ExportContext, ExportError, FeatureInfo, ServingGraph, number_of, text_of
from recframe.export import SCORES, model_interface, padded_to

TITLE = "title"
_EXACT = 2**53 - 1  # the largest whole number that JavaScript tells from its neighbours
LEAST_EXAMPLE = 3  # items; a shorter history shows little
#: The facts of an input that lists label ids, in place of a feature's.
_LIST_FACTS: dict[str, Any] = {
    "scope": None,
    "source": None,
    "values": "one",
    "steps": None,
    "vocabulary": None,
    "statistics": {},
    "default": None,
}


def page_data(
    title: str,
    fields: Sequence[str] | None,
    context: ExportContext,
    module: ServingGraph,
    ask: Callable[[Mapping[str, np.ndarray]], Answers],
) -> dict[str, Any]:
    """The content of data.json. Items are stored by column, so that thousands of them stay small.

    Args:
        fields: Columns shown below a title; None: chosen here.
        module: The graph that the page's model was converted from.
        ask: The model, in Python.

    Raises:
        ExportError: for a field that the items do not have.
    """
    catalogue, tensors = context.catalogue, module.inputs
    facts = model_interface(context.spec, catalogue, module)
    columns = {name: [_plain(value) for value in values] for name, values in catalogue.shown.items()}
    inputs = [_input(name, tensor, context, columns) for name, tensor in tensors.items()]
    used = {TITLE, *(fields or ()), *(entry["column"] for entry in inputs)}
    shown = _fields(fields, columns)
    vocabularies = {
        name: list(feature.vocabulary)
        for name, feature in catalogue.features.items()
        if feature.vocabulary and feature.vocabulary != catalogue.labels
    }
    return {
        "title": title,
        "inputs": inputs,
        "predictions": module.k,
        "exclude_seen": facts["exclude_seen"],
        "excluded_events": facts["excluded_events"],
        "scored": SCORES in module.signatures,
        "sigmoid": context.spec.export.scores == "sigmoid",
        "labels": list(catalogue.labels),
        "absent": np.flatnonzero(~catalogue.known).tolist(),
        "columns": {name: values for name, values in columns.items() if name in used or name in shown},
        "fields": shown,
        "vocabularies": vocabularies,
        "examples": _examples(context),
        "golden": _golden(context, tensors, ask),
    }


def write_data(path: Path, data: Mapping[str, Any]) -> None:
    """One line without spaces: browsers read it, and phones fetch it."""
    path.write_text(
        json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


def _input(name: str, tensor: Any, context: ExportContext, columns: dict[str, list[Any]]) -> dict[str, Any]:
    """An input as the manifest describes it, with the column of its values.

    `column` is null where no item has the values. Then the time tells them, or the input is 0: the page knows nothing
    of users, and gives no lists of ids. `steps` is null where the input is not of the history. `default` is null where
    the clock always tells the value.
    """
    feature = context.catalogue.features.get(name)
    entry: dict[str, Any] = {"name": name, "shape": list(tensor.shape), "dtype": tensor.dtype.name, "column": None}
    entry["lists"] = feature is None  # label ids that are left out, or alone let in
    if feature is None:
        return entry | _LIST_FACTS
    scope, source = context.spec.scopes[name], feature.spec.source
    vocabulary = None
    if feature.vocabulary:
        vocabulary = "labels" if feature.vocabulary == context.catalogue.labels else name
    if scope == "history" and source == "item":
        entry["column"] = "labels"
    elif scope == "history" and source in columns and not feature.of_event:
        texts = bool(vocabulary) and "edges" not in feature.statistics
        entry["column"] = _column(source, columns, texts)
    return entry | {
        "scope": scope,
        "source": None if scope == "user" else source,
        "values": "flattened" if feature.flattened else "one" if feature.values is None else "pooled",
        "steps": _steps(feature, context.spec.model.history_length) if scope == "history" else None,
        "vocabulary": vocabulary,
        "statistics": dict(feature.statistics),
        "default": feature.default,
    }


def _steps(feature: FeatureInfo, history_length: int) -> int:
    return history_length if feature.flattened else feature.length


def _column(source: str, columns: dict[str, list[Any]], texts: bool) -> str:
    """The name of the source's column, or of one with the texts of numbers that JavaScript would write otherwise."""
    if not texts or not any(_text(value) is not value for value in _flat(columns[source])):
        return source
    columns[f"{source} as text"] = [_text(value) for value in columns[source]]
    return f"{source} as text"


def _text(value: Any) -> Any:
    """The text that training reads. JavaScript writes whole numbers alike up to 2^53, but other numbers not always."""
    if isinstance(value, list):
        return [_text(item) for item in value]
    large = isinstance(value, int) and abs(value) > _EXACT
    return text_of(value) if large or isinstance(value, float | bool) else value


def _flat(values: Sequence[Any]) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.floating):
        return number_of(value)
    return value.item() if isinstance(value, np.generic) else value


def _fields(fields: Sequence[str] | None, columns: Mapping[str, list[Any]]) -> list[str]:
    """The columns to show: those that were asked for, or two that do not repeat each other."""
    if fields is not None:
        if missing := next((name for name in fields if name not in columns), None):
            raise ExportError(f"web: fields: the items have no column {missing!r}; there are: {', '.join(columns)}")
        return list(fields)
    others = [name for name in columns if name not in (TITLE, "id", "item") and not name.endswith(" as text")]
    lists = [name for name in others if any(isinstance(value, list) for value in columns[name])]
    titles = [re.split(r"\W+", str(title)) for title in columns.get(TITLE, ())]
    said = [columns[name] for name in lists] + ([titles] if titles else [])
    repeated = {
        name for name in others if name not in lists and any(_within(columns[name], several) for several in said)
    }
    return [name for name in lists + [n for n in others if n not in lists] if name not in repeated][:2]


def _within(values: Sequence[Any], lists: Sequence[Any]) -> bool:
    """Whether nearly each value stands in the list beside it: a first genre among the genres, a year in the title."""
    pairs = [(str(value), list(map(str, several or ()))) for value, several in zip(values, lists, strict=True) if value]
    return bool(pairs) and sum(value in several for value, several in pairs) >= 0.9 * len(pairs)


def _examples(context: ExportContext) -> list[list[int]]:
    """Label ids of the histories that the bundle may show, each oldest first."""
    label_of = {raw: label for label, raw in enumerate(context.catalogue.labels) if label}
    examples = [[label_of[raw] for raw in question.items] for question in context.golden.questions]
    return sorted((labels for labels in examples if len(labels) >= LEAST_EXAMPLE), key=len)  # the first fits on a phone


def _golden(
    context: ExportContext, tensors: Mapping[str, Any], ask: Callable[[Mapping[str, np.ndarray]], Answers]
) -> list[dict[str, Any]]:
    """Inputs, flat, and the ids that Python gets from this model, which if quantized are not always the trained's."""
    examples = []
    for row in range(len(context.golden.expected.ids)):
        one = {name: values[row : row + 1] for name, values in context.golden.inputs.items()}
        inputs = {name: padded_to(one.get(name), tensor).reshape(-1).tolist() for name, tensor in tensors.items()}
        examples.append({"inputs": inputs, "ids": ask(one).ids.reshape(-1).tolist()})
    return examples
