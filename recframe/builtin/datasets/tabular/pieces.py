"""Columns that are read piece by piece, and joined at the end."""

from __future__ import annotations

import numpy as np


def joined(pieces: list[np.ndarray]) -> np.ndarray:
    """All pieces in one array; each is let go when it was copied, so that no two copies of all stand side by side."""
    whole, end = np.empty(sum(map(len, pieces)), pieces[0].dtype), 0
    pieces.reverse()
    while pieces:
        piece = pieces.pop()
        whole[end : end + len(piece)] = piece
        end += len(piece)
    return whole
