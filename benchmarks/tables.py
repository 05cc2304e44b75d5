"""Rows of a section, and the Markdown that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from benchmarks.timing import Timed

#: How many times its bound a row may take before it must say what takes the time.
ALLOWED = 1.5
COLUMNS = ("work", "CPU", "spread", "on the clock", "bound", "ratio", "what to know")


@frozen
class Table:
    """A section's result.

    Attributes:
        intro: What is measured and how, a paragraph.
    """

    title: str
    intro: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        return f"## {self.title}\n\n{self.intro}\n\n{table}\n"


@frozen
class Row:
    """A piece of work.

    Attributes:
        work: What was done.
        unit: What the times are of: an epoch, a target, a history.
        per_second: Whether to say how many units a second there were.
        bound: CPU seconds that a unit must take on this machine; None: nothing to compare with.
        parts: CPU seconds of a unit, by what they were spent on; what is left is called by `rest`.
        remarks: Goals, and comparisons with other rows.
    """

    work: str
    unit: str
    time: Timed
    bound: float | None = None
    parts: Mapping[str, float] = field(factory=dict)
    rest: str = "the rest"
    per_second: bool = True
    remarks: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        return self.time.cpu.median / self.bound if self.bound else None

    @property
    def holds(self) -> str:
        """What the time of a row over its bound is spent on, the largest part first."""
        if self.ratio is None or self.ratio <= ALLOWED:
            return ""
        whole = self.time.cpu.median
        parts = dict(self.parts)
        parts[self.rest] = max(0.0, whole - sum(parts.values()))
        shares = sorted(((seconds / whole, name) for name, seconds in parts.items()), reverse=True)
        return "held by " + ", ".join(f"{name} {share:.0%}" for share, name in shares)

    def cells(self) -> list[str]:
        cpu, wall = self.time.cpu, self.time.wall
        clock = f"{1 / wall.median:,.0f}/s" if self.per_second and wall.median else duration(wall.median)
        return [
            self.work,
            f"{duration(cpu.median)} a{'n' * (self.unit[0] in 'aeio')} {self.unit}",
            f"{cpu.spread:.0%}",
            clock,
            duration(self.bound) if self.bound else "-",
            f"{self.ratio:.2f}" if self.ratio else "-",
            "; ".join(part for part in (*self.remarks, self.holds) if part),
        ]


def table_of(title: str, intro: str, rows: Sequence[Row]) -> Table:
    return Table(title, intro, COLUMNS, [row.cells() for row in rows])


def goal(text: str, reached: bool) -> str:
    """A goal, and whether it was reached in this run."""
    return f"goal {text}: {'reached' if reached else 'not reached'}"


def duration(seconds: float) -> str:
    """Seconds with three figures, in a unit that suits them.

    >>> duration(7.71), duration(0.0231), duration(8.2e-6), duration(2.56e-7)
    ('7.71 s', '23.1 ms', '8.20 us', '256 ns')
    """
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if (value := seconds * factor) >= 1:
            return f"{three_figures(value)} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def three_figures(value: float) -> str:
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"
