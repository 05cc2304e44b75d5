"""Recommends from raw item ids or titles, with any function that runs the model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from recframe.runtime.answers import BundleError, Recommendation
from recframe.runtime.inputs import FeatureInput
from recframe.runtime.item_names import ItemNames
from recframe.runtime.ranking import best, require_numbers
from recframe.runtime.requests import InputValues, ModelInputs, Question, Request, count_of, label_ids, questions

IDS, SCORES = "top_prediction_ids", "top_prediction_scores"
#: The signature of all scores.
ALL_SCORES = "scores"

#: A model's signature: arrays by input to arrays by output.
Ask = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
_Way = Callable[[Sequence[Request], int], list[list[Recommendation]]]


class Recommender:
    """Asks a model as an app does.

    Args:
        interface: The manifest's entries on the model: inputs, outputs, signatures, and which items it leaves out.
        vocabularies: The text of each id by feature; under `label` the raw id of each label id. The first of each
            stands for padding and unknown.
        items: Display fields by label id as text, for ids with an item; empty: every label id has an item.
        ask: Calls the signature `serving_default`.
        ask_scores: Calls the signature `scores`, which scores all items; None where the model has no such signature.
        name: The model's name in messages.

    Attributes:
        labels: The raw id of each label id; the first stands for padding and unknown.
        id_of: Label id by raw id, for the items that can be recommended.
        id_of_title: Label id by title, for titles that only one item has.
        k: How many items the model itself returns.
    """

    def __init__(
        self,
        interface: Mapping[str, Any],
        vocabularies: Mapping[str, Sequence[str]],
        items: Mapping[str, Mapping[str, Any]],
        ask: Ask,
        ask_scores: Ask | None,
        name: str,
    ) -> None:
        self.interface, self.vocabularies, self.items, self.name = interface, vocabularies, items, name
        self._ask, self._ask_scores = ask, ask_scores
        self.labels: Sequence[str] = vocabularies["label"]
        self._names = ItemNames(self.labels, items, name)
        self.id_of, self.id_of_title = self._names.id_of, self._names.id_of_title
        features = [self._feature(spec) for spec in interface["inputs"] if spec["role"] == "feature"]
        lists = [spec for spec in interface["inputs"] if spec["role"] != "feature"]
        self._inputs = ModelInputs(features, lists, interface["batch"])
        self.k: int = interface["outputs"][0]["shape"][-1]

    def _feature(self, spec: Mapping[str, Any]) -> FeatureInput:
        source = spec["source"]

        def known(label: int) -> Any:
            """An item's id or attribute; None for values that only an event has."""
            if spec.get("of_event"):
                return None  # a display field of the same name, such as the title, is not the event's value
            return self.labels[label] if source == "item" else self.items.get(str(label), {}).get(source)

        batched, vocabulary = self.interface["batch"] != "model_maker", self.vocabularies.get(spec["name"], ())
        return FeatureInput(spec, batched, vocabulary, self.labels, known)

    @property
    def unknown_inputs(self) -> list[str]:
        """The inputs that are 0 unless a request gives their values: those of events and of users.

        Those of the moment of asking have a value in every request.
        """
        attributes = {"item", *(name for item in self.items.values() for name in item)}
        specs = [feature.spec for feature in self._inputs.features.values() if feature.spec["scope"] != "now"]
        return [
            spec["name"]
            for spec in specs
            if spec["scope"] == "user" or spec.get("of_event") or spec["source"] not in attributes
        ]

    def __contains__(self, item: object) -> bool:
        """Whether the bundle knows one item of this raw id or title."""
        return item in self._names

    def label_of(self, item: object) -> int:
        """The label id of a raw id or title. Raises BundleError unless exactly one item has it."""
        return self._names.label_of(item)

    def inputs(
        self,
        labels: Sequence[int],
        given: InputValues | None = None,
        timestamps: Sequence[int] | None = None,
        now: int | None = None,
    ) -> dict[str, np.ndarray]:
        """The model's inputs by name, in the shapes of the manifest, for one history of label ids, oldest first.

        The lists of ids that the model may also take are empty, and so are the other histories of a batch.

        Args:
            given: Values by input, in place of the bundle's: one for each of `labels` (a list where a step has
                several), or the user's one value. Inputs that neither knows, such as a rating, are 0.
            timestamps: Unix seconds of each event, for the inputs that are computed from the time; None: these are 0.
            now: Unix seconds of the moment of asking, for the inputs of scope `now`; None: the present.

        Raises:
            BundleError: for anything but label ids, for an input that the model does not have, and for values that are
                too few, too many, not numbers, or too large for float32.
        """
        history = label_ids(labels, len(self.labels))
        request = Request(history, self._inputs.values(len(history), given, timestamps, now))
        return self._inputs.arrays([request]) | self._inputs.listed([request])

    def encode(self, asked: Sequence[Question]) -> dict[str, np.ndarray]:
        """The features of questions, [questions, *shape] by name, whatever the model's batch is.

        Raises:
            BundleError: as `recommend`.
        """
        return self._inputs.rows([self._request(question) for question in asked])

    def recommend(
        self,
        history: Sequence[object],
        k: int | None = None,
        *,
        exclude: Collection[object] = (),
        allow: Collection[object] | None = None,
        given: InputValues | None = None,
        timestamps: Sequence[int] | None = None,
        now: int | None = None,
    ) -> list[Recommendation]:
        """The k best items for a history of raw ids or titles, oldest first; fewer where no more may be recommended.

        If the export says `exclude_seen`, no item of the history is recommended, however long the history is. The model
        itself leaves out the items that it reads. Other items go into the model's list of excluded ids, if it has one
        and they fit; else all scores are asked for and ranked here. A model with neither gives its own best items, from
        which those of the history are removed, so there may be fewer than k.

        Args:
            k: By default the model's own k; it may be larger if the bundle has the signature `scores`.
            exclude: Raw ids or titles that are not recommended. `item in bundle` says whether the bundle knows one.
            allow: The only raw ids or titles that may be recommended; None: all.
            given: Values by input that the bundle cannot know, as `inputs` takes them: `{"rating": [4.0, 5.0]}`.
            timestamps: Unix seconds of each event, for inputs such as `hour`.
            now: Unix seconds of the moment of asking, for inputs of scope `now`; None: the present.

        Raises:
            BundleError: for an item that the bundle does not know, and for what its model cannot do.
        """
        count, request = self._count(k), self._request(Question(history, exclude, allow, given, timestamps, now))
        return self._way(request, count)([request], count)[0]

    def recommend_batch(
        self,
        histories: Sequence[Sequence[object]],
        k: int | None = None,
        *,
        exclude: Sequence[Collection[object]] | None = None,
        allow: Sequence[Collection[object] | None] | None = None,
        given: Sequence[InputValues | None] | None = None,
        timestamps: Sequence[Sequence[int] | None] | None = None,
        now: Sequence[int | None] | None = None,
    ) -> list[list[Recommendation]]:
        """`recommend` for several histories, as many at once as the model takes; each argument has one for each."""
        asked = questions(histories, exclude=exclude, allow=allow, given=given, timestamps=timestamps, now=now)
        return self._answers([self._request(question) for question in asked], self._count(k))

    def _request(self, asked: Question) -> Request:
        labels = self._names.labels_of(asked.history)
        values = self._inputs.values(len(labels), asked.given, asked.timestamps, asked.now)
        allowed = None if asked.allow is None else sorted({*self._names.labels_of(asked.allow)})
        excluded = list(dict.fromkeys(self._names.labels_of(asked.exclude)))
        return Request(labels, values, excluded, self._older(labels), allowed)

    def _older(self, labels: list[int]) -> list[int]:
        """The items of the history that must be left out but that the graph does not read."""
        if not self.interface["exclude_seen"]:
            return []
        read: int = self.interface["excluded_events"]
        if len(labels) <= read:
            return []
        first = len(labels) - read
        return list(set(labels[:first]).difference(labels[first:]))

    def _count(self, k: int | None) -> int:
        if k is None:
            return self.k
        most = self.interface["items"] if self._ask_scores is not None else self.k
        fewer = "model.num_predictions, without export.scores_signature"
        return count_of(k, most, "the items of the bundle" if most > self.k else fewer)

    def _answers(self, requests: Sequence[Request], k: int) -> list[list[Recommendation]]:
        answers: list[list[Recommendation]] = [[] for _ in requests]
        rows_of: dict[_Way, list[int]] = {}
        for row, request in enumerate(requests):
            rows_of.setdefault(self._way(request, k), []).append(row)
        size = self._inputs.at_once
        for way, rows in rows_of.items():
            for at in range(0, len(rows), size):
                part = rows[at : at + size]
                for row, answer in zip(part, way([requests[row] for row in part], k), strict=True):
                    answers[row] = answer
        return answers

    def _way(self, request: Request, k: int) -> _Way:
        """Choose how a request is answered: by the model's own top k, if that is possible.

        Raises:
            BundleError: if neither the top k nor all scores can answer.
        """
        if request.allow == []:  # the graph takes an empty list for all items
            return _nothing
        if not request.exclude and not request.older and request.allow is None:
            return self._by_graph if k <= self.k else self._by_scores
        lists = (("exclude", self._inputs.excluded(request)), ("allow", request.allow))
        too_long = [
            f"export.{role}_ids={len(ids)}" for role, ids in lists if ids and len(ids) > self._inputs.room(role)
        ]
        if self._ask_scores is None:
            if too_long:
                raise BundleError(
                    f"{self.name}: the model cannot leave out so many items by itself; export it with "
                    f"{' '.join(too_long)}, or with export.scores_signature=true"
                )
            return self._by_graph
        unlisted = len(self._inputs.excluded(request)) < len({*request.exclude, *request.older})
        return self._by_scores if too_long or unlisted or k > self.k else self._by_graph

    def _by_graph(self, requests: Sequence[Request], k: int) -> list[list[Recommendation]]:
        outputs = self._ask(self._inputs.arrays(requests) | self._inputs.listed(requests))
        require_numbers(outputs[SCORES], self.name)
        ids = outputs[IDS].reshape(-1, self.k).tolist()
        scores = outputs[SCORES].reshape(-1, self.k).tolist()
        rows = zip(ids, scores, requests, strict=False)  # a fixed batch may have more rows than there are requests
        return [self._recommendations(best_ids, values, request, k) for best_ids, values, request in rows]

    def _by_scores(self, requests: Sequence[Request], k: int) -> list[list[Recommendation]]:
        assert self._ask_scores is not None
        arrays = self._inputs.arrays(requests)
        scores = self._ask_scores(arrays)["scores"].reshape(-1, len(self.labels))
        require_numbers(scores, self.name)
        seen = self.interface["exclude_seen"]
        read = [arrays[name].reshape(len(scores), -1) for name in self._inputs.histories if seen]
        answers = []
        for row, request in enumerate(requests):
            left_out = [*request.exclude, *request.older, *(label for inputs in read for label in inputs[row].tolist())]
            ids = best(scores[row], k, left_out, request.allow)
            answers.append(self._recommendations(ids, self._shown(scores[row][ids]).tolist(), request, k))
        return answers

    def _shown(self, scores: np.ndarray) -> np.ndarray:
        """float32: scores in the form in which the model's top k gives them."""
        if self.interface["spec"].get("export", {}).get("scores") != "sigmoid":
            return scores
        with np.errstate(over="ignore"):
            shown: np.ndarray = 1 / (1 + np.exp(-scores))
        return shown

    def _recommendations(
        self, ids: Sequence[int], scores: Sequence[float], request: Request, k: int
    ) -> list[Recommendation]:
        # Id 0 fills up an answer of fewer than k items.
        if 0 in ids:
            ids = ids[: ids.index(0)]
        pairs: Iterable[tuple[int, float]] = zip(ids, scores, strict=False)
        if request.older:
            older = set(request.older)
            pairs = [(label, score) for label, score in pairs if label not in older]
        answers = [Recommendation(self.labels[label], self._names.titles[label], score) for label, score in pairs]
        return answers[:k]


def _nothing(requests: Sequence[Request], k: int) -> list[list[Recommendation]]:
    return [[] for _ in requests]
