"""Prints the results of `recframe check`: a line for each contribution, then each failure with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from attrs import define, field


@define
class _Result:
    """The result of one contribution: tests left to run, counts by outcome, reasons."""

    left: int = 0
    counts: Counter[str] = field(factory=Counter)
    skips: list[str] = field(factory=list)
    failures: list[tuple[str, str, str]] = field(factory=list)

    @property
    def word(self) -> str:
        """`partly` where nothing failed and some tests were skipped."""
        if self.counts["failed"]:
            return "failed"
        if self.counts["skipped"]:
            return "partly" if self.counts["passed"] else "skipped"
        return "passed"


class Report:
    """A pytest plugin in the place of pytest's own reporter."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.subjects: dict[str, str] = {}
        self.results: dict[str, _Result] = {}
        self.stopped = False

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_internalerror(self, excrepr: Any) -> None:
        print(excrepr, flush=True)

    def pytest_keyboard_interrupt(self) -> None:
        self.stopped = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            print(report.longreprtext, flush=True)

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            assert isinstance(item, pytest.Function)
            contribution = item.cls.contribution
            subject = f"{contribution.kind}/{contribution.name}"
            self.subjects[item.nodeid] = subject
            self.results.setdefault(subject, _Result()).left += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        subject = self.subjects[report.nodeid]
        result = self.results[subject]
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            text = report.longreprtext
            demand = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            result.failures.append((demand, crash.message if crash else text, text))
        if report.skipped and isinstance(report.longrepr, tuple):
            result.skips.append(report.longrepr[2].removeprefix("Skipped: "))
        if report.when == "call" or not report.passed:
            result.counts[report.outcome] += 1
        if report.when == "teardown":
            result.left -= 1
            if result.left == 0:
                self.print_line(subject, result)

    def print_line(self, subject: str, result: _Result) -> None:
        counts, word = result.counts, result.word
        said = [f"{counts[outcome]} {outcome}" for outcome in ("failed", "passed", "skipped") if counts[outcome]]
        print(f"  {subject:{self.width}}  {word:7}  {', '.join(said)}", flush=True)
        for reason in dict.fromkeys(result.skips):
            print(f"  {'':{self.width}}  {reason}", flush=True)

    def print_failures(self) -> None:
        """Print each failure with its traceback; a failure that many tests share is printed once."""
        for subject, result in self.results.items():
            shown = set()
            for demand, message, text in result.failures:
                print(f"\n{subject} breaks: {demand}")
                if message in shown:
                    print("  fails as above")
                    continue
                shown.add(message)
                print("\n".join(f"  {line}" for line in text.strip().splitlines()))

    def summary(self) -> str:
        """`6 contributions: 5 passed, 1 partly`."""
        words = Counter(result.word for result in self.results.values())
        total = len(self.results)
        counted = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
        return f"{total} contribution{'s' * (total != 1)}: {counted}"
