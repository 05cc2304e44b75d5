"""Random interactions for property tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from recframe.interactions.interactions import Interactions


@st.composite
def interactions(draw: st.DrawFn, users: int = 8, items: int = 12) -> Interactions:
    """Users with 1 to 30 events each, ties in time among them, items met again among them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lengths = draw(st.lists(st.integers(1, 30), min_size=3, max_size=users))
    lengths[0] = max(lengths[0], 5)
    user = np.repeat(np.arange(len(lengths)) + 100, lengths)
    item = rng.integers(0, items, len(user))
    order = rng.permutation(len(user))
    times = rng.integers(0, 200, len(user))
    return Interactions.from_columns(user[order], item[order], times, {"id": np.arange(items) * 7 + 1})
