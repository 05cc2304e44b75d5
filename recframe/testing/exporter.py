"""The contract of every exporter."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np
import pytest
import tensorflow as tf
from attrs import frozen

from recframe.errors import ExportError, RecframeError
from recframe.export.checks.parity import compare
from recframe.export.litert.lite import ask_lite
from recframe.files.digests import file_sha256
from recframe.plugin.exporting import Answers, ExportContext, ExportedFile
from recframe.plugin.types import ExporterType
from recframe.spec.experiment import Component
from recframe.testing.options import chosen_options, shown
from recframe.testing.tiny_model import ALL_KINDS, ITEMS_ALONE, tiny_export
from recframe.testing.writes import strays, watch_writes

#: What the manifest says of a model by itself.
OF_THE_MANIFEST = {"name", "path", "chosen", "parity"}


@frozen(eq=False)
class Outcome:
    """One run of the exporter: its context, the files that it returned, and the paths written outside of its folder."""

    context: ExportContext
    files: Sequence[ExportedFile]
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

    @property
    def named(self) -> str:
        return f"exporter {self.contribution.name!r}"

    def run(self, context: ExportContext) -> Outcome:
        options = chosen_options(self.contribution, self.options)
        with watch_writes(context.folder.parent) as written:
            try:
                files = self.contribution.export(options, context)
            except RecframeError:
                raise
            except Exception as error:
                pytest.fail(
                    f"{self.named} raises {type(error).__name__} in `export`: {error}; a model that it cannot take is "
                    "refused with recframe.ExportError"
                )
        return Outcome(context, self.listed(files), strays(written, context.folder))

    def listed(self, files: object) -> Sequence[ExportedFile]:
        """What `export` returned, which each test reads."""
        wanted = "wanted is a list of recframe.ExportedFile, one for each model that it wrote"
        assert isinstance(files, list | tuple), f"{self.named} returns {shown(files)} from `export`; {wanted}"
        assert files, f"{self.named} returns no file from `export`; {wanted}"
        for file in files:
            assert isinstance(file, ExportedFile), f"{self.named} returns {shown(file)} among its files; {wanted}"
        return files

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
        folder = outcome.context.folder.resolve()
        for file in outcome.files:
            where = f"{self.named}: the path of {file.name} is {str(file.path)!r}"
            place = (folder / file.path).resolve()
            assert not Path(file.path).is_absolute(), f"{where}; wanted is one relative to context.folder"
            assert folder in place.parents, f"{where}; wanted is a file or folder below context.folder"
            assert place.exists(), f"{where}, where nothing is"
            assert any(part.stat().st_size for part in _parts(place)), f"{where}, which is empty"

    def test_names_each_file_as_exporter_and_variant(self, outcome: Outcome) -> None:
        own = self.contribution.name
        for file in outcome.files:
            wrong = f"{self.named} calls a file {file.name!r}; wanted is {own}/VARIANT"
            assert re.fullmatch(rf"{own}/[^/]+", file.name), wrong
        for what in ("name", "path"):
            of_files = [getattr(file, what) for file in outcome.files]
            assert len(set(of_files)) == len(of_files), f"{self.named}: two files have one {what}: {sorted(of_files)}"

    def test_writes_only_below_its_folder(self, outcome: Outcome) -> None:
        outside = ", ".join(outcome.outside)
        assert not outside, f"{self.named} writes outside of context.folder: {outside}"

    def test_figures_and_details_fit_the_manifest(self, outcome: Outcome) -> None:
        for file in outcome.files:
            for what in ("figures", "details", "timings"):
                values = getattr(file, what)
                assert isinstance(values, Mapping), f"{self.named}: the {what} of {file.name} are {shown(values)}"
                try:
                    json.dumps(dict(values), allow_nan=False)
                except (TypeError, ValueError) as error:
                    pytest.fail(f"{self.named}: the {what} of {file.name} cannot be written as JSON: {error}")
            own = sorted(OF_THE_MANIFEST & file.details.keys())
            assert not own, f"{self.named}: the details of {file.name} hold {own}, which the manifest says itself"

    def test_measures_that_the_answers_are_those_of_the_model(self, outcome: Outcome) -> None:
        for file in outcome.files:
            for name in ("overlap", "max_score_difference"):
                assert name in file.figures, (
                    f"{self.named}: {file.name} has no figure {name!r}; recframe.export.compare"
                )
                value = file.figures[name]
                is_number = isinstance(value, int | float) and math.isfinite(value)
                assert is_number, f"{self.named}: the {name} of {file.name} is {value!r}; wanted is a number"
            if _is_exact(file):
                figures = dict(file.figures)
                assert _agrees(figures, outcome.context), f"{self.named}: the figures of {file.name} are {figures}"

    def test_takes_a_model_with_test_targets(self, tmp_path: Path) -> None:
        context = self.context(tmp_path, ITEMS_ALONE)
        for file in self.run(context).files:
            # The overlap is that of an app, which may know less than the model.
            if _is_exact(file):
                figures = dict(file.figures)
                different = not figures.get("max_score_difference", math.inf) <= context.spec.export.parity_tolerance
                assert not different, f"{self.named}: the figures of {file.name} are {figures}"

    def test_the_file_answers_as_the_model_does(self, outcome: Outcome) -> None:
        """The exporter's figures may be wrong, so the suite asks the file itself, if it knows the format."""
        context = outcome.context
        for file in outcome.files:
            ask = _asking(context.folder / file.path)
            if ask is not None and _is_exact(file):
                figures = compare(context.expected, ask, context.histories)
                assert _agrees(figures, context), f"{self.named}: {file.path} answers otherwise: {figures}"

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
            where = f"{self.named}: {file.name} answers otherwise than it should"
            assert not _is_exact(file), f"{where}, and is exported; wanted is recframe.ExportError"
            assert not _agrees(file.figures, context), f"{where}, and its figures hide it"

    def test_runs_again_with_the_same_files_and_figures(self, outcome: Outcome, tmp_path: Path) -> None:
        again = self.run(self.again(tmp_path, outcome))
        first, second = ([(file.name, file.path) for file in run.files] for run in (outcome, again))
        assert first == second, f"{self.named}: the second run gives {second}, the first gave {first}"
        one, other = (_digests(run.context.folder) for run in (outcome, again))
        changed = sorted(path for path in {*one, *other} if one.get(path) != other.get(path))
        assert not changed, (
            f"{self.named} writes other bytes the second time, in {', '.join(changed)}; wanted are those of the "
            "first: no time, no path, no random name"
        )
        for before, after in zip(outcome.files, again.files, strict=True):
            moved = sorted(name for name in before.figures if before.figures[name] != after.figures.get(name))
            assert not moved, (
                f"{self.named}: {', '.join(moved)} of {before.name} differ the second time; what takes another time "
                "belongs to `timings`"
            )


def _parts(place: Path) -> list[Path]:
    return [place] if place.is_file() else [part for part in place.rglob("*") if part.is_file()]


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file, by its path in the folder."""
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in _parts(folder)}


def _is_exact(file: ExportedFile) -> bool:
    """Smaller number formats round; float32 must not."""
    return file.name.endswith("/float32")


def _agrees(figures: Mapping[str, float], context: ExportContext) -> bool:
    tolerance = context.spec.export.parity_tolerance
    return figures.get("overlap", 0.0) >= 0.999 and figures.get("max_score_difference", math.inf) <= tolerance


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
