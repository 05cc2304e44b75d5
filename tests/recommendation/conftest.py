"""A small MovieLens folder in MovieLens-1M's layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.datasets.movielens_folder import write_movielens


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_movielens(tmp_path / "ml-1m", "1m")
