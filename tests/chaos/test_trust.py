"""The campaign on trust: bits turned over in every file of a bundle and of a checkpoint, and forks between calls.

`python -m pytest tests/chaos/test_trust.py -m slow -s` prints what was tried, how often, and what came out.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import recframe
from recframe import load_run, train
from recframe.errors import RecframeError
from recframe.runtime import Bundle
from recframe.runtime.check import check_bundle
from tests.chaos.flips import every_eighth_bit, files_of, flipped

pytestmark = pytest.mark.slow
SMALL = [
    "dataset.users=40",
    "dataset.items=8",
    "dataset.events_per_user=9",
    "model.width=4",
    "model.history_length=4",
    "train.epochs=1",
    "train.tensorboard=false",
    "encoder=bow",
    "export.golden_examples=2",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "run"
    train(recframe.compose([*SMALL, "export.variants=[float32,int8]"]), folder).export()
    return folder


def _outcomes(path: Path, bits: list[int], use: Callable[[], object]) -> Counter[str]:
    """How often a turned bit of a file was refused with a message of ours, or taken."""
    content, outcomes = path.read_bytes(), Counter[str]()
    try:
        for bit in bits:
            path.write_bytes(flipped(content, bit))
            try:
                use()
                outcomes["taken"] += 1
            except RecframeError:
                outcomes["refused"] += 1
    finally:
        path.write_bytes(content)
    return outcomes


def _tell(what: str, outcomes: Counter[str]) -> None:
    print(f"\n{what}: {sum(outcomes.values()):,} tried, {', '.join(f'{n:,} {name}' for name, n in outcomes.items())}")


def test_every_eighth_bit_of_every_file_of_a_bundle_is_refused(run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(run / "export", tmp_path / "export"))
    assert [replay.problem for replay in check_bundle(folder)] == ["", ""]
    outcomes = Counter[str]()
    for path in files_of(folder):
        outcomes += _outcomes(path, list(every_eighth_bit(path.read_bytes())), lambda: check_bundle(folder))
    _tell("bits of every file of a bundle, by check-bundle", outcomes)
    assert outcomes["refused"] == sum(path.stat().st_size for path in files_of(folder))
    assert outcomes["taken"] == 0


def test_every_eighth_bit_of_what_the_runtime_opens_is_refused(run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(run / "export", tmp_path / "export"))
    Bundle(folder)
    outcomes = Counter[str]()
    opened = ("manifest.json", "manifest.sha256", "items.json", "model.tflite", "vocab/label.txt", "vocab/item.txt")
    for path in (folder / name for name in opened):
        outcomes += _outcomes(path, list(every_eighth_bit(path.read_bytes())), lambda: Bundle(folder))
    _tell("bits of the files that an app opens, by Bundle", outcomes)
    assert outcomes["taken"] == 0
    assert outcomes["refused"] > 10_000


def test_every_eighth_bit_of_a_checkpoint_is_refused(run: Path, tmp_path: Path) -> None:
    """A run is read from scratch for a spread of them; for all, its reader of checkpoints alone."""
    from recframe.data.vocabularies import Vocabularies
    from recframe.training.checkpoints import load_checkpoint

    folder = Path(shutil.copytree(run, tmp_path / "run"))
    model, outcomes = load_run(folder).model, Counter[str]()
    for path in files_of(folder / "checkpoints"):
        bits = list(every_eighth_bit(path.read_bytes()))
        outcomes += _outcomes(path, bits, lambda: load_checkpoint(folder, model))
    for path in files_of(folder / "vocab"):
        bits = list(every_eighth_bit(path.read_bytes()))
        outcomes += _outcomes(path, bits, lambda: Vocabularies.read(folder))
    _tell("bits of every file of a checkpoint and of the run's vocabularies", outcomes)
    assert outcomes["taken"] == 0
    assert outcomes["refused"] > 10_000


def test_a_run_with_a_turned_bit_is_neither_read_nor_gone_on_from(run: Path, tmp_path: Path) -> None:
    folder, outcomes = Path(shutil.copytree(run, tmp_path / "run")), Counter[str]()
    warm = recframe.compose([*SMALL, f"train.warm_start={folder}"])
    for path in (*files_of(folder / "checkpoints"), *files_of(folder / "vocab")):
        bits = list(every_eighth_bit(path.read_bytes()))
        few = bits[:: max(1, len(bits) // 6)]
        outcomes += _outcomes(path, few, lambda: load_run(folder))
        outcomes += _outcomes(path, few[::3], lambda: train(warm))
    _tell("the same, by reading the run for an export and by train.warm_start", outcomes)
    assert outcomes["taken"] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_forks_while_other_threads_recommend(run: Path) -> None:
    bundle = Bundle(run / "export")
    history = bundle.labels[1:4]
    expected = bundle.recommend(history)
    stop, outcomes = threading.Event(), Counter[str]()

    def recommend() -> None:
        while not stop.is_set():
            bundle.recommend(history)

    threads = [threading.Thread(target=recommend, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(248):
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            os._exit(0 if bundle.recommend(history) == expected else 1)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        outcomes["answered as the parent" if code == 0 else "hung" if code == -signal.SIGALRM else "otherwise"] += 1
    stop.set()
    for thread in threads:
        thread.join()
    _tell("forks while three threads recommend", outcomes)
    assert outcomes == {"answered as the parent": 248}
