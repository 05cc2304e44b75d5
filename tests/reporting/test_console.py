"""The output of a run in a terminal during training."""

import io
import re

import pytest
from rich.console import Console

from recframe.reporting.console import ConsoleListener, _quality
from recframe.training.progress import Progress


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> tuple[ConsoleListener, io.StringIO]:
    written = io.StringIO()
    listener = ConsoleListener()
    listener.console = Console(file=written, force_terminal=True, width=100, legacy_windows=False)
    return listener, written


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_a_bar_shows_the_loss_the_speed_and_the_time_left(shown: tuple[ConsoleListener, io.StringIO]) -> None:
    listener, written = shown
    for step in (16, 32):
        seconds = step / 4
        listener.progress(
            Progress(epoch=3, step=step, steps=64, loss=6.5, total=6.5, examples=1000 * step, seconds=seconds)
        )
    listener.close()
    text = plain(written.getvalue())
    assert "epoch 3" in text
    assert "loss 6.5000" in text
    assert "4,000 examples/s" in text
    assert re.search(r"left +[-\d]+:[-\d]+:[-\d]+", text)


def test_the_end_of_an_epoch_replaces_the_bar_by_a_line(shown: tuple[ConsoleListener, io.StringIO]) -> None:
    listener, written = shown
    listener.progress(Progress(epoch=1, step=1, steps=2, loss=7.0, total=7.0, examples=10, seconds=1))
    listener.epoch(1, 6.9, {"recall@10": 0.1, "ndcg@10": 0.05, "mean_rank": 3.0}, best=True)
    assert listener.bar is None
    assert (
        plain(written.getvalue())
        .rstrip()
        .endswith("epoch  1  loss 6.9000  validation recall@10 0.1000  ndcg@10 0.0500  best")
    )


def test_there_is_no_bar_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    listener = ConsoleListener()
    listener.progress(Progress(epoch=1, step=1, steps=2, loss=7.0, total=7.0, examples=10, seconds=1))
    listener.close()
    assert capsys.readouterr().err == ""


def test_the_table_has_one_cut_off_and_marks_the_best_of_each_row() -> None:
    test = {"recall@1": 0.1, "recall@10": 0.3, "ndcg@10": 0.2, "coverage@10": 0.9, "mean_rank": 40.0}
    markov = {"recall@1": 0.1, "recall@10": 0.4, "ndcg@10": 0.1, "coverage@10": 1.0, "mean_rank": 30.0}
    written = io.StringIO()
    Console(file=written, width=80).print(_quality(test, {"markov": markov, "popularity": {**markov, "recall@10": 0}}))
    rows = [line.split() for line in written.getvalue().splitlines()]
    assert rows == [
        ["test,", "*best", "model", "±", "markov", "popularity"],
        ["recall@10", "0.3000", "0.4000*", "0.0000"],
        ["ndcg@10", "0.2000*", "0.1000", "0.1000"],
        ["coverage@10", "0.9000", "1.0000", "1.0000"],
        ["mean_rank", "40.0", "30.0*", "30.0*"],
    ]
