"""The contract suites over everything that the built-in plugins register, and variants that are another way through."""

from __future__ import annotations

from pathlib import Path

import pytest

from recframe.plugin import manager
from recframe.plugin.registry import KINDS
from recframe.plugin.types import DatasetContext
from recframe.testing import DatasetContract
from recframe.testing.suites import SUITES, make_suite, make_suites
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.builtin.datasets.tabular.tables import events, write

BUILTIN = manager.load(allowed="").registries
CNN, STRING = BUILTIN.encoders["cnn"], BUILTIN.features["string"]
FLOAT, BUCKETS, STRINGS = (BUILTIN.features[name] for name in ("float", "buckets", "strings"))

# A new built-in is tested without a word here.
globals().update(make_suites(BUILTIN.of(kind)[name] for kind in KINDS for name in BUILTIN.of(kind)))

TestCnnStride = make_suite(CNN, "TestCnnStride", options=CNN.options(kernel_size=3, stride=2))
TestCnnOriginal = make_suite(CNN, "TestCnnOriginal", options=CNN.options(kernel_size=4, stride=4))
TestCnnLasting = make_suite(CNN, "TestCnnLasting", options=CNN.options(filter_ratios=(2, 4), fade=False))
TestStringLimit = make_suite(STRING, "TestStringLimit", options=STRING.options(max_vocabulary=2))
TestStringHashed = make_suite(STRING, "TestStringHashed", options=STRING.options(max_vocabulary=2, hash_buckets=3))
TestStringsSum = make_suite(STRINGS, "TestStringsSum", options=STRINGS.options(pool="sum", values=3, hash_buckets=1))
TestFloatStandard = make_suite(FLOAT, "TestFloatStandard", options=FLOAT.options(scale="standard"))
TestFloatLog = make_suite(FLOAT, "TestFloatLog", options=FLOAT.options(scale="log"))
TestBucketsTwo = make_suite(BUCKETS, "TestBucketsTwo", options=BUCKETS.options(buckets=2))


class TestMovielensDataset(DatasetContract):  # in the place of the one above, which has no folder
    contribution = BUILTIN.datasets["movielens"]

    @pytest.fixture(autouse=True)
    def _folder(self, context: DatasetContext, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder: Path = write_movielens(tmp_path_factory.mktemp("movielens") / "ml")
        type(self).options = self.contribution.options(path=str(folder))


class TestTabularDataset(DatasetContract):
    contribution = BUILTIN.datasets["tabular"]

    @pytest.fixture(autouse=True)
    def _file(self, context: DatasetContext, tmp_path_factory: pytest.TempPathFactory) -> None:
        path = write(events(), tmp_path_factory.mktemp("tabular") / "events.csv")
        type(self).options = self.contribution.options(path=str(path))


def test_every_kind_has_a_suite() -> None:
    assert set(SUITES) == set(KINDS)
