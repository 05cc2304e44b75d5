"""Histories as an app has them, with the inputs that training makes of the same events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen

from recframe.plugin.exporting import RawHistory


@frozen(eq=False)
class EncodedHistories:
    """Histories as an app has them, and the inputs that training makes of the same events.

    Attributes:
        inputs: int32 or float32 [histories, *shape of the feature] by feature.
    """

    raw: Sequence[RawHistory]
    inputs: Mapping[str, np.ndarray]


@frozen(eq=False)
class AppHistories:
    """Histories as an app has them.

    Attributes:
        compared: Histories of which an app must make the inputs that training made.
        golden: Real histories for golden.json; `export.private` leaves them out.
    """

    compared: Sequence[EncodedHistories]
    golden: Sequence[RawHistory]
