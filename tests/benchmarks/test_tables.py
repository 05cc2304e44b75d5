"""What a benchmark says of what it measured."""

from __future__ import annotations

from benchmarks.tables import Row, table_of
from benchmarks.timing import Sample, Timed, of_pairs


def timed(*seconds: float) -> Timed:
    return of_pairs([(value, 2 * value) for value in seconds])


def test_the_median_and_the_spread_are_of_the_repeats() -> None:
    sample = Sample((2.0, 1.0, 1.5))
    assert sample.median == 1.5
    assert sample.spread == 1 / 1.5


def test_a_row_near_its_bound_says_nothing() -> None:
    assert Row("work", "step", timed(1.5), bound=1.0, parts={"loss": 1.0}).holds == ""


def test_a_row_over_its_bound_says_what_holds_it_the_largest_first() -> None:
    row = Row("work", "step", timed(4.0), bound=1.0, parts={"loss": 1.0, "batches": 0.5}, rest="encoder")
    assert row.holds == "held by encoder 62%, loss 25%, batches 12%"


def test_a_row_without_a_bound_has_no_ratio() -> None:
    row = Row("work", "example", timed(0.004), remarks=("a remark",))
    assert row.cells() == ["work", "4.00 ms an example", "0%", "125/s", "-", "-", "a remark"]


def test_a_table_is_markdown() -> None:
    text = table_of("Title", "Intro.", [Row("work", "step", timed(2.0), bound=2.0, per_second=False)]).markdown()
    assert text.splitlines()[-1] == "| work | 2.00 s a step | 0% | 4.00 s | 2.00 s | 1.00 |  |"
    assert text.startswith("## Title\n\nIntro.\n\n| work | CPU |")
