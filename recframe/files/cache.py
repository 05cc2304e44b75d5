"""Where the user's files are that can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """XDG_CACHE_HOME/recframe, by default ~/.cache/recframe."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recframe"
