"""The contract of every exporter."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np
import pytest
import tensorflow as tf
from attrs import frozen

from recframe.errors import ExportError
from recframe.export.checks.parity import compare
from recframe.export.litert.lite import ask_lite
from recframe.plugin.exporting import Answers, ExportContext, ExportedFile
from recframe.plugin.types import ExporterType
from recframe.spec.experiment import Component
from recframe.testing.options import chosen_options
from recframe.testing.tiny_model import ALL_KINDS, ITEMS_ALONE, tiny_export
from recframe.testing.writes import strays, watch_writes


@frozen(eq=False)
class Outcome:
    """One run of the exporter: its context, the files that it returned, and the paths written outside of its folder."""

    context: ExportContext
    files: Any
    outside: list[str]


_outcomes: dict[tuple[int, str], Outcome] = {}


class ExporterContract:
    """Run by pytest on a subclass that sets `contribution` and, where the options are required, `options`.

    The tiny model reads items, ratings and genres. An exporter whose apps cannot feed all of these raises
    ExportError with the quoted name of an input that it refuses. The suite then runs it on a model of items and genres.
    """

    contribution: ClassVar[ExporterType]
    options: ClassVar[Any] = None

    def context(self, root: Path, features: str = ALL_KINDS) -> ExportContext:
        """The export of a tiny model to an empty folder in `root`."""
        options = chosen_options(self.contribution, self.options)
        folder = root / "bundle"
        folder.mkdir(parents=True)
        return tiny_export(folder, Component(self.contribution.name, options), features)

    def run(self, context: ExportContext) -> Outcome:
        options = chosen_options(self.contribution, self.options)
        with watch_writes(context.folder.parent) as written:
            files = self.contribution.export(options, context)
        return Outcome(context, files, strays(written, context.folder))

    @pytest.fixture
    def outcome(self, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
        """One run, shared by all tests that only read its result."""
        # Kept here, as pytest 10 lets no method be a fixture of its class.
        key = id(self.contribution), repr(self.options)
        if key not in _outcomes:
            _outcomes[key] = self.first_run(tmp_path_factory.mktemp("export"))
        return _outcomes[key]

    def first_run(self, root: Path) -> Outcome:
        context = self.context(root / "all_kinds")
        try:
            return self.run(context)
        except ExportError as error:
            smaller = self.context(root / "items_alone", ITEMS_ALONE)
            refused = context.module.inputs.keys() - smaller.module.inputs.keys()
            if not any(repr(name) in str(error) for name in refused):
                raise
            return self.run(smaller)

    def again(self, root: Path, outcome: Outcome) -> ExportContext:
        """The export of the model of an earlier run, to another folder."""
        features = ALL_KINDS if "stars" in outcome.context.module.inputs else ITEMS_ALONE
        return self.context(root, features)

    def test_says_what_it_wrote(self, outcome: Outcome) -> None:
        files, folder = outcome.files, outcome.context.folder.resolve()
        assert isinstance(files, list | tuple), f"export returns a {type(files).__name__}, not a list of ExportedFile"
        assert files, "export returns no file"
        for file in files:
            assert isinstance(file, ExportedFile), f"export returns a {type(file).__name__} among the files"
            assert file.name.startswith(f"{self.contribution.name}/"), (
                f"the name {file.name!r} must be {self.contribution.name}/VARIANT"
            )
            path = folder / file.path
            assert path.exists(), f"{file.name}: {file.path!r} is not in the folder"
            assert path.resolve().is_relative_to(folder), f"{file.name}: {file.path!r} is outside of the folder"
            assert path.resolve() != folder, f"{file.name}: {file.path!r} is the folder itself"
            parts = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
            assert sum(part.stat().st_size for part in parts) > 0, f"{file.name}: {file.path!r} is empty"
        for what in ("name", "path"):
            of_files = [getattr(file, what) for file in files]
            assert len(set(of_files)) == len(of_files), f"two files have one {what}: {', '.join(sorted(of_files))}"

    def test_writes_only_below_its_folder(self, outcome: Outcome) -> None:
        assert not outcome.outside, f"written outside of context.folder: {', '.join(outcome.outside)}"

    def test_figures_and_details_fit_the_manifest(self, outcome: Outcome) -> None:
        for file in outcome.files:
            for what in ("figures", "details"):
                try:
                    json.dumps(dict(getattr(file, what)), allow_nan=False)
                except (TypeError, ValueError) as error:
                    pytest.fail(f"{file.name}: {what} cannot be written as JSON: {error}")

    def test_measures_that_the_answers_are_those_of_the_model(self, outcome: Outcome) -> None:
        for file in outcome.files:
            for name in ("overlap", "max_score_difference"):
                assert name in file.figures, f"{file.name}: no figure {name!r}; see recframe.export.compare"
            if _is_exact(file):
                assert _agrees(file.figures, outcome.context), f"{file.name}: its own figures are {dict(file.figures)}"

    def test_the_file_answers_as_the_model_does(self, outcome: Outcome) -> None:
        """The exporter's figures may be wrong, so the suite asks the file itself, if it knows the format."""
        context = outcome.context
        for file in outcome.files:
            ask = _asking(context.folder / file.path)
            if ask is not None and _is_exact(file):
                figures = compare(context.expected, ask, context.histories)
                assert _agrees(figures, context), f"{file.name}: {file.path} answers otherwise: {figures}"

    def test_a_model_that_answers_otherwise_is_noticed(self, outcome: Outcome, tmp_path: Path) -> None:
        context = self.again(tmp_path, outcome)
        ids, scores = context.expected.ids, context.expected.scores
        # Each history expects the answer to another one.
        others = Answers(np.roll(ids, 1, axis=0), np.roll(scores, 1, axis=0))
        try:
            files = self.run(attrs.evolve(context, expected=others)).files
        except ExportError:
            return
        for file in files:
            assert not _is_exact(file), f"{file.name}: other answers than the model's must raise ExportError"
            assert not _agrees(file.figures, context), f"{file.name}: its figures hide that the answers are others"

    def test_runs_again_with_the_same_names(self, outcome: Outcome, tmp_path: Path) -> None:
        again = self.run(self.again(tmp_path, outcome)).files
        first, second = ([(file.name, file.path) for file in files] for files in (outcome.files, again))
        assert first == second, f"the second run gives {second}, the first gave {first}"


def _is_exact(file: ExportedFile) -> bool:
    """Smaller number formats round; float32 must not."""
    return file.name.endswith("/float32")


def _agrees(figures: Mapping[str, float], context: ExportContext) -> bool:
    tolerance = context.spec.export.parity_tolerance
    return figures["overlap"] >= 0.999 and figures["max_score_difference"] <= tolerance


def _asking(path: Path) -> Callable[[Mapping[str, np.ndarray]], Answers] | None:
    """A function that asks the file, or None for a format that the suite does not know."""
    models = [path] if path.suffix == ".tflite" else list(path.glob("*.tflite"))
    if len(models) == 1:
        return ask_lite(models[0].read_bytes())
    if not (path / "saved_model.pb").is_file():
        return None
    loaded = tf.saved_model.load(str(path))  # held by the function below: it owns the weights
    serve = loaded.signatures["serving_default"]

    def ask(inputs: Mapping[str, np.ndarray]) -> Answers:
        answer = serve(**{name: tf.constant(values) for name, values in inputs.items()})
        assert loaded is not None
        return Answers(answer["top_prediction_ids"].numpy(), answer["top_prediction_scores"].numpy())

    return ask
