"""MovieLens folders in MovieLens-1M's layout, and a model."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from recframe import recommendation
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.recommendation.world import World, create, make_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_movielens(tmp_path / "ml-1m", "1m")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """RECFRAME_TEST_DATA names a folder with ml-latest-small; a small made-up set stands in for it."""
    folder, real = tmp_path_factory.mktemp("data"), os.environ.get("RECFRAME_TEST_DATA")
    if real is None:
        warnings.warn("RECFRAME_TEST_DATA is not set: a small made-up set stands in for ml-latest-small", stacklevel=1)
    return make_world(Path(real, "ml-latest-small") if real else write_movielens(folder / "csv", "csv", 60, 40), folder)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("small")
    return make_world(write_movielens(folder / "csv", "csv", 40, 30), folder)


@pytest.fixture(scope="session")
def trained(small: World) -> recommendation.Recommendation:
    return create(small)
