"""A bundle, opened: raw item ids or titles in, recommendations out."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recframe.encoding import TIME_SOURCES, time_values
from recframe.quiet import quiet_native_output
from recframe.runtime.answers import BundleError, Recommendation
from recframe.runtime.inputs import make_input

__all__ = ["Bundle", "BundleError", "Recommendation"]

FORMAT_VERSION = 3


class Bundle:
    """An exported bundle. Every file is checked against the manifest before the model is loaded.

    Bundle("export").recommend(history=["Toy Story (1995)"], k=5)
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.manifest = self._read_manifest()
        models = [model["path"] for model in self.manifest["models"] if model["path"].endswith(".tflite")]
        if not models:
            raise BundleError(f"{self.folder}: the bundle holds no .tflite model; export it with exporters=[tflite]")
        content = self._checked(models[0])
        self.vocabularies = {
            spec["name"]: self._checked(spec["vocabulary"]).decode().split("\n")[:-1]
            for spec in (*self.manifest["inputs"], {"name": "label", "vocabulary": "vocab/label.txt"})
            if spec["vocabulary"]
        }
        self.items: dict[str, dict[str, Any]] = {}
        if "items.json" in self.manifest["files"]:
            self.items = json.loads(self._checked("items.json"))
        self.labels = self.vocabularies["label"]
        # Line 0 stands for padding and unknown, whatever it says; a value that stands twice keeps its first id.
        self.ids = {
            name: {raw: index for index, raw in reversed(list(enumerate(lines))) if index}
            for name, lines in self.vocabularies.items()
        }
        # A declared vocabulary has ids without an item, which items.json leaves out.
        self.id_of = {
            raw: index for raw, index in self.ids["label"].items() if not self.items or str(index) in self.items
        }
        self.id_of_title = {item["title"]: int(index) for index, item in self.items.items() if item.get("title")}
        self.runner = _signature_runner(content)

    def _read_manifest(self) -> dict[str, Any]:
        path = self.folder / "manifest.json"
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BundleError(f"{self.folder}: no bundle here (manifest.json is missing)") from None
        except (ValueError, OSError) as error:
            raise BundleError(f"{path}: cannot be read: {error}") from None
        if (found := manifest.get("format_version")) != FORMAT_VERSION:
            raise BundleError(f"{path}: format version {found}, and not {FORMAT_VERSION}: export the run again")
        return manifest

    def _checked(self, name: str) -> bytes:
        """A file's bytes, if they are those that the manifest names."""
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise BundleError(f"{self.folder}/manifest.json: {name!r} lies outside the bundle")
        try:
            content = path.read_bytes()
        except OSError:
            raise BundleError(f"{self.folder / name}: the manifest names this file and it cannot be read") from None
        if hashlib.sha256(content).hexdigest() != self.manifest["files"].get(name, {}).get("sha256"):
            raise BundleError(f"{self.folder / name}: differs from what was exported (sha256); export again")
        return content

    def label_of(self, item: object) -> int:
        """The id of an item given by raw id or title.

        Raises:
            BundleError: for one that the bundle does not know, with the nearest title.
        """
        text = str(item)
        label = self.id_of.get(text) or self.id_of_title.get(text)
        if label is None:
            # The nearest number is another item altogether.
            near = [] if text.isdecimal() else difflib.get_close_matches(text, [*self.id_of_title, *self.id_of], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise BundleError(f"item {text!r} is not in {self.folder}{hint}")
        return label

    def inputs(
        self,
        labels: Sequence[int],
        given: Mapping[str, Sequence[object]] | None = None,
        timestamps: Sequence[int] | None = None,
    ) -> dict[str, np.ndarray]:
        """The model's inputs by name, in the shapes of the manifest, for label ids, oldest first.

        Args:
            given: Values by input in place of what the bundle knows: one for each of `labels` (a list of them where a
                step has several), or the one of the user. What neither has, as ratings and a user's age, is 0.
            timestamps: Unix seconds of each event, for the inputs that follow from the time; none: these are 0.

        Raises:
            BundleError: for values of an input that the model has not, or for the wrong number of them.
        """
        inputs = {spec["name"]: spec for spec in self.manifest["inputs"]}
        given = self._times(timestamps, len(labels)) | dict(given or {})
        for name in given:
            if name not in inputs:
                raise BundleError(f"no input {name!r} in {self.folder}; it has {', '.join(inputs)}")
        return {name: self._input(spec, labels, given.get(name)) for name, spec in inputs.items()}

    def _times(self, timestamps: Sequence[int] | None, events: int) -> dict[str, Sequence[object]]:
        """The values of the inputs whose source is the time, by name."""
        if timestamps is None:
            return {}
        if len(timestamps) != events:
            raise BundleError(f"timestamps: expected one for each of the {events} items, got {len(timestamps)}")
        timed = {spec["name"]: spec["source"] for spec in self.manifest["inputs"] if spec["source"] in TIME_SOURCES}
        times = np.array(timestamps, np.int64)
        return {name: time_values(source, times).tolist() for name, source in timed.items()}

    def _input(self, spec: dict[str, Any], labels: Sequence[int], given: Sequence[object] | None) -> np.ndarray:
        of_user = spec["scope"] == "user"
        if given is not None and len(given) != (1 if of_user else len(labels)):
            wanted = "one value, of the user" if of_user else f"a value for each of the {len(labels)} items"
            raise BundleError(f"input {spec['name']!r}: expected {wanted}, got {len(given)}")
        # Of the user the bundle knows nothing.
        values: Sequence[Any] = () if of_user else [self._known(spec, label) for label in labels]
        ids = self.ids.get(spec["name"], {})
        zero = self.vocabularies[spec["name"]][0] if ids else ""
        return make_input(spec, ids, zero, values if given is None else given)

    @property
    def unknown_inputs(self) -> list[str]:
        """The inputs that are 0 unless given: what only events or users have."""
        attributes = {"item", *(name for item in self.items.values() for name in item)}
        return [
            spec["name"]
            for spec in self.manifest["inputs"]
            if spec["scope"] == "user" or spec["source"] not in attributes
        ]

    def _known(self, spec: dict[str, Any], label: int) -> Any:
        """What the bundle knows of an item: its id, an attribute, or nothing, as of what only an event has."""
        return self.labels[label] if spec["source"] == "item" else self.items.get(str(label), {}).get(spec["source"])

    def recommend(
        self,
        history: Sequence[object],
        k: int | None = None,
        given: Mapping[str, Sequence[object]] | None = None,
        timestamps: Sequence[int] | None = None,
    ) -> list[Recommendation]:
        """The k best items for a history of raw ids or titles, oldest first; k at most the model's own.

        Args:
            given: Values by input that the bundle cannot know, as `inputs` takes them: `{"rating": [4.0, 5.0]}`.
            timestamps: Unix seconds of each event, for inputs such as `hour`.
        """
        limit = self.manifest["outputs"][0]["shape"][-1]
        if k is not None and not 1 <= k <= limit:
            raise BundleError(f"k is {k}: the model returns between 1 and {limit} items (model.num_predictions)")
        answer = self.runner(**self.inputs([self.label_of(item) for item in history], given, timestamps))
        ids, scores = answer["top_prediction_ids"].reshape(-1), answer["top_prediction_scores"].reshape(-1)
        return [
            Recommendation(self.labels[i], self.items.get(str(i), {}).get("title"), float(score))
            for i, score in zip(ids[: k or limit], scores, strict=False)
            if i > 0
        ]


def _signature_runner(content: bytes) -> Any:
    """LiteRT by whichever name it is installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        try:
            from tensorflow.lite import Interpreter
        except ImportError:
            raise BundleError("no LiteRT interpreter: pip install ai-edge-litert") from None
    with quiet_native_output():
        runner = Interpreter(model_content=content, num_threads=1).get_signature_runner("serving_default")
        # The first call prepares the graph, and says so: let it be this one.
        runner(**{name: np.zeros(spec["shape"], spec["dtype"]) for name, spec in runner.get_input_details().items()})
        return runner
