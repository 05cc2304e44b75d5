"""Shows a run in the terminal: a progress bar, a line for each epoch, and tables at the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from recframe.errors.shell import recommend_command
from recframe.errors.terminal import printable
from recframe.process.pace import Pace
from recframe.reporting.figures import (
    EXPORT_HEADINGS,
    export_rows,
    format_half_interval,
    format_metric,
    seen_items_text,
    usual_cutoff,
)
from recframe.reporting.verdict import verdict
from recframe.runs.listener import Listener
from recframe.runs.run import Run
from recframe.training.progress import Progress

#: The metrics that fit into a terminal. The report has all of them.
SHOWN = ("recall", "ndcg", "mrr", "coverage", "mean_rank")
#: What follows a figure: whether it is the best of its row.
MARK = {True: "*", False: " "}


class ConsoleListener(Listener):
    """Prints on standard error, so that standard output stays free for results."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self.bar: Bar | None = None
        self.pace: Pace | None = None
        self.pace_epoch = 0

    def say(self, message: str) -> None:
        # A note is one line, however long, so that a log can be searched by lines.
        self.console.print(f"· {printable(message)}", highlight=False, markup=False, soft_wrap=True)

    def progress(self, progress: Progress) -> None:
        if self.pace is None or self.pace_epoch != progress.epoch:
            # The first call of a run compiles, so its time does not count.
            self.pace = Pace(f"epoch {progress.epoch}", self.say, warm_up=True)
            self.pace_epoch = progress.epoch
        self.pace(progress.step, progress.steps)
        if self.bar is None:
            self.bar = Bar(
                TextColumn("epoch {task.fields[epoch]}"),
                BarColumn(),
                TextColumn("loss {task.fields[loss]:.4f} · {task.fields[rate]:,.0f} examples/s · left"),
                TimeRemainingColumn(),
                console=self.console,
                transient=True,
                disable=not self.console.is_terminal,
            )
            self.bar.add_task("", total=progress.steps, epoch=progress.epoch, loss=0.0, rate=0.0)
            self.bar.start()
        self.bar.update(
            self.bar.task_ids[0],
            completed=progress.step,
            epoch=progress.epoch,
            loss=progress.loss,
            rate=progress.examples / max(progress.seconds, 1e-9),
        )

    def epoch(self, epoch: int, loss: float, validation: dict[str, float], best: bool) -> None:
        self.close()
        figures = "  ".join(
            f"{name} {value:.4f}" for name, value in validation.items() if name.startswith(("ndcg", "recall"))
        )
        self.say(f"epoch {epoch:2d}  loss {loss:.4f}  validation {figures}{'  best' if best else ''}")

    def close(self) -> None:
        """Remove the progress bar."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def print_results(run: Run, console: Console | None = None) -> None:
    """Print the metrics of the model and the comparators, and the files with their sizes."""
    console = console or Console()
    counts = run.metrics["counts"]
    console.print(
        f"{counts['users']:,} users, {counts['items']:,} items, {counts['interactions']:,} interactions; "
        f"{counts['parameters']:,} parameters\n"
        f"test targets ranked over the whole catalogue, {seen_items_text(run.data.exclude_seen)}",
        highlight=False,
    )
    if "unfinished" in run.metrics:
        console.print(Text(f"unfinished: {run.metrics['unfinished']}"), soft_wrap=True)
    console.print(_quality(run.metrics["test"], run.metrics["baselines"]))
    if sentence := verdict(run.metrics, run.spec):
        console.print(Text(sentence), soft_wrap=True)
    if run.folder is None:
        return
    if exports := run.metrics.get("exports", {}):
        console.print(_files(run.folder))
        console.print(_exports(exports))
    shown = relative_to_here(run.folder)
    name = printable(str(shown))
    console.print(Text(f"run folder  {name}\nreport      {name}/report.html"), soft_wrap=True)
    if any(name.startswith("tflite/") for name in exports):
        line = recommend_command(shown / "export", run.data.label_vocabulary[1:3])
        console.print(Text(f"try         {printable(line)}"), soft_wrap=True)


def _quality(test: Mapping[str, Any], baselines: Mapping[str, Mapping[str, Any]]) -> Table:
    """The metrics at one cut-off. The report has the others."""
    table = Table("test, *best" if baselines else "test", box=None, pad_edge=False)
    for heading in ("model", "±", *baselines):
        table.add_column(heading.replace("_", " "), justify="right")
    end = f"@{usual_cutoff(test)}"
    for name in test:
        kind = name.partition("@")[0]
        if kind not in SHOWN or ("@" in name and not name.endswith(end)):
            continue
        values = [figures.get(name) for figures in (test, *baselines.values())]
        compared = [value for value in values if value is not None and baselines and kind != "coverage"]
        best = (min if kind == "mean_rank" else max)(compared, default=None)
        model, *others = (f"{format_metric(name, value)}{MARK[value == best]}" for value in values)
        table.add_row(name, model, format_half_interval(test, name), *others)
    return table


def relative_to_here(folder: Path) -> Path:
    """The folder as one would type it."""
    full = folder.absolute()
    return full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else full


def _exports(exports: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in EXPORT_HEADINGS:
        table.add_column(heading, justify="left" if heading in (EXPORT_HEADINGS[0], "") else "right")
    table.columns[0].no_wrap = True
    for row in export_rows(exports):
        table.add_row(*row)
    return table


def _files(folder: Path) -> Table:
    table = Table("file", box=None, pad_edge=False)
    table.add_column("KB", justify="right")
    for path in sorted((folder / "export").rglob("*")):
        if path.is_file():
            table.add_row(Text(str(path.relative_to(folder))), f"{path.stat().st_size / 1000:,.1f}")
    return table
