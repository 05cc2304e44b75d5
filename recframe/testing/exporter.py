"""The contract of every exporter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np
import pytest
import tensorflow as tf
from attrs import frozen

from recframe.errors import ExportError, RecframeError
from recframe.export.checks.parity import compare
from recframe.export.exported_files import repeated, unmeasured, wrong_list, wrong_mappings, wrong_name, wrong_place
from recframe.export.litert.lite import ask_lite
from recframe.files.digests import file_sha256
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

    def listed(self, files: Any) -> Sequence[ExportedFile]:
        """What `export` returned, which each test reads."""
        self.require_none(wrong_list(files))
        listed: Sequence[ExportedFile] = files
        return listed

    def require_none(self, faults: Iterator[str]) -> None:
        """Fail with the first of the faults by which a run refuses an export."""
        fault = next(faults, None)
        assert fault is None, f"{self.named} {fault}"

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
        for file in outcome.files:
            self.require_none(wrong_place(file, outcome.context.folder))

    def test_names_each_file_as_exporter_and_variant(self, outcome: Outcome) -> None:
        for file in outcome.files:
            self.require_none(wrong_name(self.contribution.name, file))
        self.require_none(repeated(outcome.files))

    def test_writes_only_below_its_folder(self, outcome: Outcome) -> None:
        outside = ", ".join(outcome.outside)
        assert not outside, f"{self.named} writes outside of context.folder: {outside}"

    def test_figures_and_details_fit_the_manifest(self, outcome: Outcome) -> None:
        for file in outcome.files:
            self.require_none(wrong_mappings(file))

    def test_measures_that_the_answers_are_those_of_the_model(self, outcome: Outcome) -> None:
        for file in outcome.files:
            self.require_none(unmeasured(file))
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
