"""The contract of every dataset."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, ClassVar, NoReturn, get_args

import attrs
import numpy as np
import polars as pl
import pytest

from recframe.data.split_types import TYPES as SPLITS
from recframe.data.splits import split_events
from recframe.errors import DataError, RecframeError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.interactions.validity import require_valid
from recframe.plugin.guard import described
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext, DatasetFiles, DatasetType
from recframe.spec.convert import structure
from recframe.spec.split import SplitSpec
from recframe.testing.network import no_network
from recframe.testing.options import chosen_options, skip_for_options
from recframe.testing.writes import strays, watch_writes

NONSENSE = "no-such-place/nor-name"


class DatasetContract:
    """Run by pytest on a subclass that sets `contribution` and, where the defaults need a file or network, `options`.

    With `options` the dataset may use the network. With its defaults, the tests are skipped if it does.
    """

    contribution: ClassVar[DatasetType]
    options: ClassVar[Any] = None

    @pytest.fixture
    def context(self, tmp_path: Path) -> DatasetContext:
        return DatasetContext(seed=3, cache=tmp_path / "cache")

    @property
    def named(self) -> str:
        return f"dataset {self.contribution.name!r}"

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """In the block runs the dataset's code. The test is skipped where the defaults need a file or the network."""
        # A dataset must not draw from these generators, so they give other numbers each time.
        np.random.seed()
        random.seed()
        offline: AbstractContextManager[list[str]] = nullcontext([]) if self.options is not None else no_network()
        with offline as asked:
            try:
                yield
            except Exception as error:
                if asked:
                    skip_for_options(self.contribution, f"the defaults download from {asked[0]}")
                if self.options is None and isinstance(error, RecframeError | FileNotFoundError):
                    skip_for_options(self.contribution, f"the defaults load nothing here ({error})")
                self.fail(what, error)

    def fail(self, what: str, error: Exception, when: str = "") -> NoReturn:
        advice = "" if isinstance(error, RecframeError) else "; raise recframe.DataError, and say what to do"
        pytest.fail(f"{self.named} raises {type(error).__name__} in `{what}`{when}: {error}{advice}")

    def load(self, context: DatasetContext) -> Interactions:
        options = chosen_options(self.contribution, self.options)
        with self.reading("load"):
            loaded = self.contribution.load(options, context)
        wrong = f"{self.named} returns {described(loaded)} from `load`; wanted are recframe.Interactions"
        assert isinstance(loaded, Interactions), wrong
        require_valid(loaded, self.named)
        return loaded

    def test_the_interactions_are_valid(self, context: DatasetContext) -> None:
        self.load(context)

    def test_features_can_read_each_column(self, context: DatasetContext) -> None:
        data = self.load(context)
        for name in data.events:
            assert name not in ("item", *data.items), f"{self.named}: events[{name!r}] has the name of another column"
        for source in set(data.sources) - set(data.lists):
            column = data.column(source)
            values = len(column.values[column.index])
            assert values == data.num_events, (
                f"{self.named}: {source!r} gives {values} values for {data.num_events} events"
            )
        assert "title" not in data.lists, (
            f"{self.named}: items['title'] has dtype object, as columns of lists have; wanted are texts, of dtype str"
        )
        for note in data.notes:
            assert isinstance(note, str), f"{self.named}: a note is a {type(note).__name__}; wanted is a text"

    def test_a_split_leaves_targets_to_train_and_evaluate_on(self, context: DatasetContext) -> None:
        data, refusals = self.load(context), []
        for name in SPLITS:
            try:
                split_events(data, SplitSpec(type=name), context.seed)
                return
            except DataError as error:
                refusals.append(str(error))
        pytest.fail(f"{self.named} cannot be split: {'; '.join(dict.fromkeys(refusals))}")

    def test_its_files_can_be_read(self, context: DatasetContext) -> None:
        if inspect.unwrap(self.contribution.files) is attrs.fields(DatasetType).files.default:
            return  # it has none
        options = chosen_options(self.contribution, self.options)
        with self.reading("files"):
            files = self.contribution.files(options, context)
        assert isinstance(files, DatasetFiles), f"{self.named}: `files` gives a {type(files).__name__}"
        assert files.paths, f"{self.named}: `files` names no path"
        for path in files.paths:
            assert Path(path).is_file(), f"{self.named}: `files` names {path}, which is no file"
        with self.reading("files(...).read"):
            tables = files.read()
        assert isinstance(tables, Mapping), f"{self.named}: `files` reads a {type(tables).__name__}, not tables by name"
        for name, table in tables.items():
            wrong = f"{self.named}: `files` reads {name!r} as a {type(table).__name__}; wanted is a Polars frame"
            assert isinstance(table, pl.DataFrame), wrong
        assert sum(table.height for table in tables.values()) > 0, f"{self.named}: `files` reads no row"

    def test_the_same_seed_gives_the_same_data(self, context: DatasetContext) -> None:
        first, second = self.load(context), self.load(context)
        for name, one, other in _arrays(first, second):
            assert other is not None, f"{name} is missing the second time"
            assert one.dtype == other.dtype, f"{name} is {one.dtype}, and {other.dtype} the second time"
            # Lists of display columns compare as lists; NaN equals itself by its text.
            assert one.shape == other.shape, f"{name} has another length the second time"
            same = (
                repr(one.tolist()) == repr(other.tolist()) if one.dtype == object else one.tobytes() == other.tobytes()
            )
            assert same, (
                f"{name} differs between two loads with one seed; draw from np.random.default_rng(context.seed)"
            )

    def test_writes_nothing_but_its_cache(self, context: DatasetContext) -> None:
        with watch_writes(context.cache.parent) as written:
            self.load(context)
        outside = strays(written, context.cache)
        assert not outside, f"written outside of context.cache: {', '.join(outside)}"

    def test_without_network_it_says_so(self, context: DatasetContext) -> None:
        with no_network():
            self.require_no_traceback(chosen_options(self.contribution, self.options), context, " without network")

    def test_its_check_accepts_what_it_loads(self, context: DatasetContext) -> None:
        self.load(context)
        options = chosen_options(self.contribution, self.options)
        try:
            self.contribution.check(options)
        except Exception as error:
            pytest.fail(f"{self.named} loads with {options}, but `check` raises {type(error).__name__}: {error}")

    def test_options_that_are_missing_or_wrong_are_refused(self, context: DatasetContext) -> None:
        kind = self.contribution
        registries = Registries().extended([kind], "the contract suite")
        wrong = {"no such option": 1}
        with pytest.raises(SpecError) as caught:
            structure({"dataset": {"type": kind.name, **wrong}}, registries)
        for field in attrs.fields(kind.options):
            if field.default is attrs.NOTHING:
                assert ("dataset", field.name) in [mistake.path for mistake in caught.value.mistakes], (
                    f"nothing tells the user that {field.name} must be given"
                )
        with no_network():
            for name, options in self.nonsense_options():
                self.require_no_traceback(options, context, f" with {name}={NONSENSE!r}")

    def nonsense_options(self) -> Iterator[tuple[str, Any]]:
        """Options with one text or path that means nothing, for each in turn, unless the options class refuses it."""
        kind = attrs.resolve_types(self.contribution.options)
        fields = {field.name: field for field in attrs.fields(kind)}
        sorts = {name: Path if Path in (f.type, *get_args(f.type)) else str for name, f in fields.items()}
        free = [name for name, field in fields.items() if sorts[name] in (field.type, *get_args(field.type))]
        required = {fields[name].alias: sorts[name](NONSENSE) for name in free if fields[name].default is attrs.NOTHING}
        for name in free:
            value = {fields[name].alias: sorts[name](NONSENSE)}
            try:
                yield name, kind(**required | value) if self.options is None else attrs.evolve(self.options, **value)
            except (RecframeError, ValueError, TypeError):
                continue

    def require_no_traceback(self, options: Any, context: DatasetContext, when: str) -> None:
        for what, arguments in (("check", (options,)), ("load", (options, context))):
            try:
                getattr(self.contribution, what)(*arguments)
            except RecframeError:
                pass
            except Exception as error:
                self.fail(what, error, when)


def _arrays(first: Interactions, second: Interactions) -> Iterator[tuple[str, np.ndarray, Any]]:
    for name in ("offsets", "item", "timestamp", "user_ids", "parts"):
        if getattr(first, name) is not None:
            yield name, getattr(first, name), getattr(second, name)
    for name in ("items", "events", "users", "categories"):
        table = getattr(second, name)
        for column, values in getattr(first, name).items():
            yield f"{name}[{column!r}]", values, table.get(column)
