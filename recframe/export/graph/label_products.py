"""The vectors that a model multiplies its label table with. Quantization rounds the table for them."""

from __future__ import annotations

import numpy as np
from attrs import frozen


@frozen(eq=False)
class LabelProducts:
    """Statistics of the vectors that the model multiplies the label table with.

    Attributes:
        labels: Rows of the table.
        moments: float64 [width, width], the mean of v v' over the vectors v.
    """

    labels: int
    moments: np.ndarray
