"""`recframe check-bundle`: whether a bundle is whole, and answers here as it did at the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recframe.errors import Problem
from recframe.runtime.answers import BundleError
from recframe.runtime.files import MANIFEST, BundleFiles
from recframe.runtime.interpreter import FirstGraph
from recframe.runtime.ranking import NEVER, share_kept
from recframe.runtime.recommender import IDS, SCORES, Recommender
from recframe.runtime.requests import Question

#: Largest difference of a float32 score, relative to the largest of the answer.
TOLERANCE = 1e-4
#: The overlap of a quantized model may lie below the manifest's figure by this, divided by the root of the number of
#: examples: the figure was measured on other histories.
MARGIN = 0.4


class BundleProblems(BundleError):
    """A bundle that has changed since its export. `problems` holds a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problems))

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """One for each reason."""
        return tuple(map(Problem, self.problems))


@dataclass(frozen=True, slots=True)
class Replay:
    """A model's answers to the golden inputs, compared with the golden answers.

    Attributes:
        examples: How many inputs.
        equal: How many answers have exactly the golden ids.
        overlap: Mean share of the golden ids that the answers contain.
        difference: Largest difference of a score, relative to the largest score of its answer.
        problem: Why the answers are not good enough; else empty.
    """

    name: str
    path: str
    examples: int
    equal: int
    overlap: float
    difference: float
    problem: str


def check_bundle(folder: Path | str) -> list[Replay]:
    """Check the manifest against its schema, every file against the manifest, and every LiteRT model by golden.json.

    Raises:
        BundleProblems: with every reason, where files differ from the manifest; the models are then not run.
        BundleError: where the manifest itself cannot be used.
    """
    files = BundleFiles(folder)
    problems = [f"{files.folder / name}: the manifest does not name this file" for name in files.unlisted()]
    for name in files.manifest["files"]:
        try:
            files.require_whole(name)
        except BundleError as error:
            problems.append(str(error))
    if problems:
        raise BundleProblems(problems)
    golden = files.json("golden.json", list)
    problems = list(_contradictions(files)) or list(_other_readings(files, golden))
    models = [model for model in files.manifest["models"] if model["path"].endswith(".tflite")]
    for model in models:
        problems += _other_inputs(files, model)
    if problems:
        raise BundleProblems(problems)
    return [_replay(files, model, golden) for model in models]


def _contradictions(files: BundleFiles) -> Iterator[str]:
    """A line for each place where the manifest contradicts its files."""
    manifest, path = files.manifest, files.folder / MANIFEST
    answers = (entry for signature in manifest["signatures"].values() for entry in signature["outputs"])
    entries = (*manifest["inputs"], *manifest["outputs"], *answers)
    for name in sorted({entry["vocabulary"] for entry in entries if entry.get("vocabulary")}):
        if name in manifest["files"]:
            files.text(name)
        else:
            yield f"{path}: the vocabulary {name!r} is not among its files"
    if "items.json" in manifest["files"] and len(items := files.json("items.json", dict)) != manifest["items"]:
        yield f"{path}: items is {manifest['items']}, but items.json has {len(items)}"


def _other_readings(files: BundleFiles, golden: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line where the raw values of a golden question become other inputs here than they did at the export."""
    recommender = Recommender(files.manifest, files.vocabularies(), files.items(), dict, None, str(files.folder))
    path = files.folder / "golden.json"
    for place, example in enumerate(golden):
        try:
            asked = example["questions"]
            read = recommender.encode([_question(one) for one in asked]) if asked else {}
            expected = {
                name: np.array(example["inputs"][name], rows.dtype).reshape(rows.shape) for name, rows in read.items()
            }
        except (KeyError, ValueError, AttributeError, TypeError, OverflowError, BundleError) as error:
            yield f"{path}: does not fit this model: entry {place}: {type(error).__name__}: {error}"
            return
        for name, rows in read.items():
            if not np.allclose(rows, expected[name], rtol=1e-5, atol=1e-6):
                yield (
                    f"{path}: the question of entry {place} gives other values for the input {name!r} here than "
                    "at export: the statistics or the vocabulary are not those of the model"
                )
                return


def _question(asked: Mapping[str, Any]) -> Question:
    if "now" not in asked:  # of a model without inputs of scope `now`
        return Question(asked["history"], given=asked["given"], timestamps=asked["timestamps"])
    return Question(asked["history"], given=asked["given"], timestamps=asked["timestamps"], now=int(asked["now"]))


def _other_inputs(files: BundleFiles, model: Mapping[str, Any]) -> Iterator[str]:
    """A line for each input of a model whose name, shape or dtype differs from the manifest."""
    taken = FirstGraph(files.read(model["path"]), files.manifest["signature"], str(files.folder / model["path"])).takes
    declared = {entry["name"]: (tuple(entry["shape"]), entry["dtype"]) for entry in files.manifest["inputs"]}
    for name in sorted(taken.keys() | declared.keys()):
        if taken.get(name) != declared.get(name):
            yield (
                f"{files.folder / MANIFEST}: the input {name!r} is {declared.get(name, 'missing')} here, but "
                f"{taken.get(name, 'missing')} in {model['path']}"
            )


def _replay(files: BundleFiles, model: Mapping[str, Any], golden: Sequence[Mapping[str, Any]]) -> Replay:
    manifest, path = files.manifest, str(files.folder / model["path"])
    ask = FirstGraph(files.read(model["path"]), manifest["signature"], path)
    types = {spec["name"]: spec["dtype"] for spec in (*manifest["inputs"], *manifest["outputs"])}
    rows: list[tuple[bool, float, float]] = []
    for example in golden:
        try:
            inputs, wanted = (
                {name: np.array(values, types[name]) for name, values in example[part].items()}
                for part in ("inputs", "outputs")
            )
            answer = ask(**inputs)
            rows += [
                _compare(*row)
                for row in zip(*(_rows(of[name]) for of in (wanted, answer) for name in (IDS, SCORES)), strict=True)
            ]
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise BundleError(f"{files.folder / 'golden.json'}: does not fit this model: {error}") from None
    equal, overlaps, differences = (list(column) for column in zip(*rows, strict=True))
    overlap, difference = float(np.mean(overlaps)), max(differences)
    if model.get("quantization", "float32") == "float32":
        least, allowed = 1.0, TOLERANCE
        wrong = not all(equal) or difference > allowed
        asked = f"equal answers, and scores within {allowed:g}"
    else:
        least = model["parity"]["overlap"] - MARGIN / len(rows) ** 0.5
        wrong = overlap < least
        asked = f"at least {least:.1%} of the ids"
    problem = (
        f"{path}: {sum(equal)} of {len(rows)} golden answers are equal, {overlap:.1%} of the ids agree, and scores "
        f"differ by up to {difference:.2g} of their size; expected {asked}"
        if wrong
        else ""
    )
    return Replay(model["name"], model["path"], len(rows), sum(equal), overlap, difference, problem)


def _rows(values: np.ndarray) -> np.ndarray:
    """[histories, k], with or without a batch dimension."""
    return values.reshape(-1, values.shape[-1])


def _compare(
    ids: np.ndarray, scores: np.ndarray, answer_ids: np.ndarray, answer_scores: np.ndarray
) -> tuple[bool, float, float]:
    """Whether the ids are equal, the share of the golden ids in the answer, and the relative difference of the scores.

    Two golden items may change places if their scores are closer than interpreters agree.
    """
    real, answered = scores > NEVER / 2, answer_scores > NEVER / 2
    if not np.isfinite(answer_scores).all():
        return False, 0.0, float("inf")
    scale = max(float(np.abs(scores[real]).max(initial=0)), 1e-6)
    of_id = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    wanted = np.array([of_id.get(label, np.inf) for label in answer_ids.tolist()])
    equal = bool(((ids == answer_ids) | (np.abs(wanted - scores) <= 1e-6 * scale)).all() and (real == answered).all())
    share = share_kept(ids[ids > 0].tolist(), answer_ids[answer_ids > 0].tolist())
    comparable = real & answered
    return equal, share, float(np.abs(scores - answer_scores)[comparable].max(initial=0)) / scale
