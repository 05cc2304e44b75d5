"""The contract of every dataset."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, get_args

import attrs
import numpy as np
import pytest

from recframe.errors import RecframeError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext, DatasetType
from recframe.spec.convert import structure
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

    def load(self, context: DatasetContext) -> Interactions:
        options = chosen_options(self.contribution, self.options)
        # A dataset must not draw from these generators, so they give other numbers each time.
        np.random.seed()
        random.seed()
        if self.options is not None:
            loaded = self.contribution.load(options, context)
        else:
            with no_network() as asked:
                try:
                    loaded = self.contribution.load(options, context)
                except Exception as error:
                    if asked:
                        skip_for_options(self.contribution, f"the defaults download from {asked[0]}")
                    if isinstance(error, RecframeError | FileNotFoundError):
                        skip_for_options(self.contribution, f"the defaults load nothing here ({error})")
                    raise
        assert isinstance(loaded, Interactions), f"load returns a {type(loaded).__name__}, not Interactions"
        return loaded

    def test_events_stand_user_by_user_and_oldest_first(self, context: DatasetContext) -> None:
        data = self.load(context)
        offsets, users = data.offsets, len(data.user_ids)
        assert data.num_events > 0, "there are no events"
        assert offsets.dtype == np.int64, f"offsets are {offsets.dtype}, not int64"
        assert offsets.shape == (users + 1,), f"offsets are {offsets.shape}: {users} users need [{users + 1}]"
        assert offsets[0] == 0, f"offsets begin at {offsets[0]}, not 0"
        assert offsets[-1] == data.num_events, f"offsets end at {offsets[-1]}, but there are {data.num_events} events"
        assert (np.diff(offsets) >= 0).all(), "offsets fall"
        assert data.timestamp.dtype == np.int64, f"timestamp is {data.timestamp.dtype}, not int64"
        assert data.timestamp.shape == data.item.shape, "timestamp and item have different lengths"
        same_user = np.diff(data.user_of_event()) == 0
        back = np.flatnonzero(same_user & (np.diff(data.timestamp) < 0))
        assert len(back) == 0, f"event {back[0] + 1} is older than the one before it, of the same user; sort by time"

    def test_ids_are_of_one_user_and_one_item(self, context: DatasetContext) -> None:
        data = self.load(context)
        assert "id" in data.items, "the item table has no column 'id'"
        for name, ids in (("user_ids", data.user_ids), ("items['id']", data.items["id"])):
            assert len({str(raw) for raw in ids}) == len(ids), f"{name} holds an id twice"
        assert data.item.dtype == np.int32, f"item is {data.item.dtype}, not int32"
        assert data.item.min() >= 0, f"item holds {data.item.min()}, which is not a row of the item table"
        assert data.item.max() < data.num_items, f"item holds {data.item.max()}, but there are {data.num_items} items"

    def test_columns_have_a_value_for_each_row(self, context: DatasetContext) -> None:
        data = self.load(context)
        for name, values in data.items.items():
            assert len(values) == data.num_items, f"items[{name!r}] has {len(values)} values for {data.num_items} items"
        for name, values in data.events.items():
            assert name not in ("item", *data.items), f"events[{name!r}] has the name of another column"
            assert len(values) == data.num_events, f"events[{name!r}] has {len(values)} values for {data.num_events}"
        for name, values in data.users.items():
            assert len(values) == data.num_users, f"users[{name!r}] has {len(values)} values for {data.num_users} users"
        if data.parts is not None:
            assert len(data.parts) == data.num_events, (
                f"parts has {len(data.parts)} values for {data.num_events} events"
            )
        for source in set(data.sources) - set(data.lists):
            column = data.column(source)
            assert len(column.values[column.index]) == data.num_events, f"the source {source!r} does not give a value"
        assert all(isinstance(note, str) for note in data.notes), "a note is not a text"

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
            self.require_no_traceback(chosen_options(self.contribution, self.options), context, "without network")

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
                self.require_no_traceback(options, context, f"with {name}={NONSENSE!r}")

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
        try:
            self.contribution.load(options, context)
        except RecframeError:
            pass
        except Exception as error:
            pytest.fail(f"{when}, load raises {type(error).__name__} ({error}); raise recframe.DataError, and say why")


def _arrays(first: Interactions, second: Interactions) -> Iterator[tuple[str, np.ndarray, Any]]:
    for name in ("offsets", "item", "timestamp", "user_ids"):
        yield name, getattr(first, name), getattr(second, name)
    for name in ("items", "events"):
        table = getattr(second, name)
        for column, values in getattr(first, name).items():
            yield f"{name}[{column!r}]", values, table.get(column)
