"""What TensorFlow's Android sample does with an assets folder, written from a description of its behaviour.

The chosen movies' ids, in order, and the genres of all of them; arrays of one dimension, passed by position.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter


class App:
    def __init__(self, assets: Path) -> None:
        self.config = json.loads((assets / "config.json").read_text(encoding="utf-8"))
        listed = json.loads((assets / self.config["movieList"]).read_text(encoding="utf-8"))
        self.movies = {movie["id"]: movie for movie in listed}
        assert len(self.movies) == len(listed)
        self.genre_ids: dict[str, int] = {}
        if self.config["genreList"] is not None:
            lines = (assets / self.config["genreList"]).read_text(encoding="utf-8").split("\n")
            self.genre_ids = {line: number for number, line in enumerate(lines)}
        self.interpreter = Interpreter(model_path=str(assets / self.config["model"]))
        self.interpreter.allocate_tensors()

    def inputs(self, chosen: Sequence[int]) -> list[np.ndarray]:
        """An array for each input, in order of the config's indices."""
        unknown, arrays = self.config["unknownGenre"], []
        for entry in sorted(self.config["inputs"], key=lambda entry: entry["index"]):
            length = entry["inputLength"]
            if entry["name"] == "movieFeature":
                values, rest = [self.movies[id_]["id"] for id_ in chosen], self.config["pad"]
            else:
                assert entry["name"] == "genreFeature"
                genres = [genre for id_ in chosen for genre in self.movies[id_]["genres"]]
                values, rest = [self.genre_ids.get(genre, unknown) for genre in genres], unknown
            arrays.append(np.array([*values[:length], *[rest] * (length - len(values))], np.int32))
        return arrays

    def answer(self, chosen: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """The ids and the scores that the model gives."""
        arrays, details = self.inputs(chosen), self.interpreter.get_input_details()
        assert [list(tensor["shape"]) for tensor in details] == [list(array.shape) for array in arrays]
        for tensor, array in zip(details, arrays, strict=True):
            self.interpreter.set_tensor(tensor["index"], array)
        self.interpreter.invoke()
        outputs = [self.interpreter.get_tensor(tensor["index"]) for tensor in self.interpreter.get_output_details()]
        ids, scores = outputs[self.config["outputIdsIndex"]], outputs[self.config["outputScoresIndex"]]
        assert (ids.dtype, scores.dtype) == (np.int32, np.float32)
        assert ids.shape == scores.shape == (self.config["outputLength"],)
        return ids, scores

    def results(self, chosen: Sequence[int]) -> list[int]:
        """The movies that the app shows."""
        shown = [id_ for id_ in self.answer(chosen)[0].tolist() if id_ in self.movies and id_ not in chosen]
        return shown[: self.config["topK"]]
