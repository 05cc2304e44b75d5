"""A bundle, opened: raw item ids or titles in, recommendations out."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recframe.encoding import text_of
from recframe.pasting import override
from recframe.runtime.answers import BundleError, Recommendation
from recframe.runtime.files import BundleFiles
from recframe.runtime.inputs import FeatureInput
from recframe.runtime.interpreter import FirstGraph, Signature
from recframe.runtime.questions import Given, ModelInputs, Question, count_of
from recframe.runtime.ranking import best

__all__ = ["Bundle", "BundleError", "Recommendation"]

IDS, SCORES = "top_prediction_ids", "top_prediction_scores"
#: The signature of all scores.
ALL_SCORES = "scores"

_Way = Callable[[Sequence[Question], int], list[list[Recommendation]]]


class Bundle:
    """An exported bundle. A file is checked against the manifest before it is used.

    Bundle("export").recommend(history=["Toy Story (1995)"], k=5)

    Args:
        model: Which of the bundle's LiteRT models, by name or path: `tflite/int8`, `model_int8.tflite`; None: the one
            that the export has chosen, which is model.tflite.

    Raises:
        BundleError: where the manifest or a file cannot be used, with the reason.

    Attributes:
        labels: The raw id of each label id; the first stands for padding and unknown.
        items: Display fields by label id as text, of those that have an item.
        id_of: Label id by raw id, and `id_of_title` by a title that one item alone has, of what can be asked for and
            recommended.
        runner: The model's first signature, called with arrays by input.
    """

    def __init__(self, folder: Path | str, model: str | None = None) -> None:
        self._files = BundleFiles(folder)
        self.folder, self.manifest = self._files.folder, self._files.manifest
        self.model = self._model(model)
        self._content, self._model_path = self._files.read(self.model["path"]), str(self.folder / self.model["path"])
        read = functools.cache(lambda path: self._files.text(path).split("\n")[:-1])
        features = [spec for spec in self.manifest["inputs"] if spec["role"] == "feature"]
        lists = [spec for spec in self.manifest["inputs"] if spec["role"] != "feature"]
        self.labels: list[str] = read("vocab/label.txt")
        self.vocabularies = {spec["name"]: read(spec["vocabulary"]) for spec in features if spec["vocabulary"]}
        self.vocabularies["label"] = self.labels
        self.items: dict[str, dict[str, Any]] = {}
        if "items.json" in self.manifest["files"]:
            self.items = self._files.json("items.json", dict)
        self._titles = [self.items.get(str(label), {}).get("title") for label in range(len(self.labels))]
        # A declared vocabulary has ids without an item, which items.json leaves out.
        self.id_of = {
            raw: label
            for label, raw in reversed(list(enumerate(self.labels)))
            if label and (not self.items or str(label) in self.items)
        }
        self._labels_by_title: dict[str, list[int]] = {}
        for label, title in enumerate(self._titles):
            if title:
                self._labels_by_title.setdefault(title, []).append(label)
        self.id_of_title = {title: labels[0] for title, labels in self._labels_by_title.items() if len(labels) == 1}
        self._inputs = ModelInputs([self._feature(spec) for spec in features], lists, self.manifest["batch"])
        self.k: int = self.manifest["outputs"][0]["shape"][-1]
        self.runner = FirstGraph(self._content, self.manifest["signature"], self._model_path)

    def _model(self, asked: str | None) -> dict[str, Any]:
        models: list[dict[str, Any]] = [m for m in self.manifest["models"] if m["path"].endswith(".tflite")]
        if not models:
            raise BundleError(
                f"{self.folder}: the bundle holds no .tflite model; export it with {override('exporters', ['tflite'])}"
            )
        found = [m for m in models if (m["chosen"] if asked is None else asked in (m["name"], m["path"]))]
        if not found:
            names = ", ".join(m["name"] for m in models)
            raise BundleError(f"{self.folder}: no model {asked or 'is chosen'}; there are {names}")
        return found[0]

    def _feature(self, spec: Mapping[str, Any]) -> FeatureInput:
        source = spec["source"]

        def known(label: int) -> Any:
            """An item's id, an attribute, or nothing, as of what only an event has."""
            if spec.get("of_event"):
                return None  # items.json may have a field of the name, such as the title that people are shown
            return self.labels[label] if source == "item" else self.items.get(str(label), {}).get(source)

        batched, vocabulary = self.manifest["batch"] != "model_maker", self.vocabularies.get(spec["name"], ())
        return FeatureInput(spec, batched, vocabulary, self.labels, known)

    @functools.cached_property
    def _all_scores(self) -> Signature:
        """Opened when it is first asked for: most apps never do."""
        return Signature(self._content, ALL_SCORES, self._model_path)

    @property
    def unknown_inputs(self) -> list[str]:
        """The inputs that are 0 unless given: what only events or users have."""
        attributes = {"item", *(name for item in self.items.values() for name in item)}
        specs = [feature.spec for feature in self._inputs.features.values()]
        return [
            spec["name"]
            for spec in specs
            if spec["scope"] == "user" or spec.get("of_event") or spec["source"] not in attributes
        ]

    def __contains__(self, item: object) -> bool:
        """Whether the bundle knows one item of this raw id or title."""
        return text_of(item) in self.id_of or text_of(item) in self.id_of_title

    def label_of(self, item: object) -> int:
        """The id of an item given by raw id or title.

        Raises:
            BundleError: for one that the bundle does not know, with the nearest title; for a title of several items,
                with their ids.
        """
        text = text_of(item)
        label = self.id_of.get(text) or self.id_of_title.get(text)
        if label is None:
            if several := self._labels_by_title.get(text):
                ids = ", ".join(repr(self.labels[one]) for one in several)
                raise BundleError(f"item {text!r} is the title of {len(several)} items: ask by id, one of {ids}")
            # The nearest number is another item altogether.
            near = [] if text.isdecimal() else difflib.get_close_matches(text, [*self.id_of_title, *self.id_of], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise BundleError(f"item {text!r} is not in {self.folder}{hint}")
        return label

    def _labels_of(self, items: Iterable[object]) -> list[int]:
        if isinstance(items, str) or not isinstance(items, Iterable):
            raise BundleError(f"expected a list of items, got {items!r}")
        known: Mapping[Any, int] = self.id_of
        try:
            return list(map(known.__getitem__, items))
        except (KeyError, TypeError):  # titles, numbers, or what is not known
            return [self.label_of(item) for item in items]

    def inputs(
        self, labels: Sequence[int], given: Given | None = None, timestamps: Sequence[int] | None = None
    ) -> dict[str, np.ndarray]:
        """The model's inputs by name, in the shapes of the manifest, for one history of label ids, oldest first.

        The lists of ids that the model may take besides are empty, and so are further histories of a batch.

        Args:
            given: Values by input in place of what the bundle knows: one for each of `labels` (a list of them where a
                step has several), or the one of the user. What neither has, as ratings and a user's age, is 0.
            timestamps: Unix seconds of each event, for the inputs that follow from the time; none: these are 0.

        Raises:
            BundleError: for values of an input that the model has not, or for the wrong number of them.
        """
        question = Question(labels, self._inputs.values(len(labels), given, timestamps), (), None)
        return self._inputs.arrays([question]) | self._inputs.listed([question])

    def recommend(
        self,
        history: Sequence[object],
        k: int | None = None,
        *,
        exclude: Collection[object] = (),
        allow: Collection[object] | None = None,
        given: Given | None = None,
        timestamps: Sequence[int] | None = None,
    ) -> list[Recommendation]:
        """The k best items for a history of raw ids or titles, oldest first; fewer where no more may be recommended.

        The model leaves out of the history what it reads, where the export says `exclude_history`. What else must be
        left out goes to the model where it takes such a list and the list fits; else all scores are asked for, and
        ranked here, with the same result.

        Args:
            k: The model's own by default; more where the bundle has the signature `scores`.
            exclude: Raw ids or titles that are not recommended. `item in bundle` says whether it knows one.
            allow: The only ones that are; None: all.
            given: Values by input that the bundle cannot know, as `inputs` takes them: `{"rating": [4.0, 5.0]}`.
            timestamps: Unix seconds of each event, for inputs such as `hour`.

        Raises:
            BundleError: for an item that the bundle does not know, and for what its model cannot do.
        """
        count, asked = self._count(k), self._question(history, exclude, allow, given, timestamps)
        return self._way(asked, count)([asked], count)[0]

    def recommend_batch(
        self,
        histories: Sequence[Sequence[object]],
        k: int | None = None,
        *,
        exclude: Sequence[Collection[object]] | None = None,
        allow: Sequence[Collection[object] | None] | None = None,
        given: Sequence[Given | None] | None = None,
        timestamps: Sequence[Sequence[int] | None] | None = None,
    ) -> list[list[Recommendation]]:
        """`recommend` for several histories, of each argument one for each; as many at once as the model takes."""
        columns = {"exclude": exclude, "allow": allow, "given": given, "timestamps": timestamps}
        for name, column in columns.items():
            if column is not None and len(column) != len(histories):
                raise BundleError(f"{name}: expected one for each of the {len(histories)} histories, got {len(column)}")
        asked = [
            self._question(
                history,
                exclude[row] if exclude else (),
                allow[row] if allow else None,
                given[row] if given else None,
                timestamps[row] if timestamps else None,
            )
            for row, history in enumerate(histories)
        ]
        return self._answers(asked, self._count(k))

    def _question(
        self,
        history: Sequence[object],
        exclude: Collection[object],
        allow: Collection[object] | None,
        given: Given | None,
        timestamps: Sequence[int] | None,
    ) -> Question:
        labels = self._labels_of(history)
        values = {} if given is None and timestamps is None else self._inputs.values(len(labels), given, timestamps)
        left_out = list(dict.fromkeys(self._labels_of(exclude)))
        return Question(labels, values, left_out, None if allow is None else sorted({*self._labels_of(allow)}))

    def _count(self, k: int | None) -> int:
        if k is None:
            return self.k
        most = self.manifest["items"] if ALL_SCORES in self.manifest["signatures"] else self.k
        fewer = "model.num_predictions, without export.scores_signature"
        return count_of(k, most, "the items of the bundle" if most > self.k else fewer)

    def _answers(self, asked: Sequence[Question], k: int) -> list[list[Recommendation]]:
        answers: list[list[Recommendation]] = [[] for _ in asked]
        rows_of: dict[_Way, list[int]] = {}
        for row, one in enumerate(asked):
            rows_of.setdefault(self._way(one, k), []).append(row)
        size = self._inputs.at_once
        for way, rows in rows_of.items():
            for at in range(0, len(rows), size):
                part = rows[at : at + size]
                for row, answer in zip(part, way([asked[row] for row in part], k), strict=True):
                    answers[row] = answer
        return answers

    def _way(self, one: Question, k: int) -> _Way:
        """Who answers: the model's own top-k where it can.

        Raises:
            BundleError: where nobody can.
        """
        if one.allow == []:  # which would stand for all in the graph
            return _nothing
        if not one.exclude and one.allow is None:
            return self._by_graph if k <= self.k else self._by_scores
        too_long = [
            f"export.{role}_ids={len(ids)}"
            for role, ids in (("exclude", one.exclude), ("allow", one.allow))
            if ids and len(ids) > self._inputs.room(role)
        ]
        if too_long and ALL_SCORES not in self.manifest["signatures"]:
            raise BundleError(
                f"{self.folder}: the model cannot leave out so much by itself; export it with {' '.join(too_long)}, or "
                "with export.scores_signature=true"
            )
        return self._by_scores if too_long or k > self.k else self._by_graph

    def _by_graph(self, asked: Sequence[Question], k: int) -> list[list[Recommendation]]:
        found = self.runner(**self._inputs.arrays(asked), **self._inputs.listed(asked))
        ids = found[IDS].reshape(-1, self.k)[:, :k].tolist()
        scores = found[SCORES].reshape(-1, self.k)[:, :k].tolist()
        return [self._recommendations(ids[row], scores[row]) for row in range(len(asked))]

    def _by_scores(self, asked: Sequence[Question], k: int) -> list[list[Recommendation]]:
        arrays = self._inputs.arrays(asked)
        scores = self._all_scores(**arrays)["scores"].reshape(-1, len(self.labels))
        read = [
            arrays[name].reshape(len(scores), -1) for name in self._inputs.histories if self.manifest["exclude_history"]
        ]
        answers = []
        for row, one in enumerate(asked):
            left_out = [*one.exclude, *(label for history in read for label in history[row].tolist())]
            ids = best(scores[row], k, left_out, one.allow)
            answers.append(self._recommendations(ids, self._shown(scores[row][ids]).tolist()))
        return answers

    def _shown(self, scores: np.ndarray) -> np.ndarray:
        """float32: as the model's top-k shows scores."""
        if self.manifest["spec"].get("export", {}).get("scores") != "sigmoid":
            return scores
        with np.errstate(over="ignore"):
            shown: np.ndarray = 1 / (1 + np.exp(-scores))
        return shown

    def _recommendations(self, ids: Sequence[int], scores: Sequence[float]) -> list[Recommendation]:
        # Id 0 fills up the end of an answer of fewer than k items.
        if 0 in ids:
            ids = ids[: ids.index(0)]
            scores = scores[: len(ids)]
        return list(map(Recommendation, map(self.labels.__getitem__, ids), map(self._titles.__getitem__, ids), scores))


def _nothing(asked: Sequence[Question], k: int) -> list[list[Recommendation]]:
    return [[] for _ in asked]
