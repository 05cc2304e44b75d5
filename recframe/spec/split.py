"""The options of the split into training, validation and test targets."""

from __future__ import annotations

import datetime

from attrs import frozen

from recframe.errors import SpecError
from recframe.spec.option import option


@frozen
class SplitSpec:
    """How events are split into training, validation and test targets. Data that comes with a split keeps it."""

    type: str = option(
        "leave_one_out",
        choices=("leave_one_out", "temporal", "users", "random"),
        help="`leave_one_out`: the last event of a user tests, the one before validates; `temporal`: cuts in time; "
        "`users`: a share of the users is only evaluated; `random`: as Model Maker did, training on a user's future.",
    )
    validation_fraction: float = option(
        0.1, gt=0, lt=0.5, help="Share that validates: of the events (temporal, random) or of the users."
    )
    test_fraction: float = option(
        0.1, gt=0, lt=0.5, help="Share that tests: of the events (temporal, random) or of the users."
    )
    min_events: int = option(3, ge=3, help="Users with fewer events are trained on and not evaluated (leave_one_out).")
    at: str | None = option(
        None,
        help="Date (UTC, such as 2015-01-31) from which events are test targets; validation_fraction then counts the "
        "events before it (temporal). None: test_fraction decides.",
    )
    gap_days: float = option(
        0.0, ge=0, lt=36_500, help="Days before the validation events that are not trained on (temporal)."
    )

    def __attrs_post_init__(self) -> None:
        if self.type != "temporal" and (self.at is not None or self.gap_days):
            name = "at" if self.at is not None else "gap_days"
            raise SpecError(f"{name} is an option of split=temporal, but split is {self.type}")
        if self.at is not None:
            self.seconds_of_at()

    def seconds_of_at(self) -> int:
        """Unix time of `at`.

        Raises:
            SpecError: if `at` is not a date.
        """
        try:
            moment = datetime.datetime.fromisoformat(self.at or "")
        except ValueError:
            raise SpecError(f"at: {self.at!r} is not a date; write it as 2015-01-31 or 2015-01-31T12:00") from None
        return int((moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp())
