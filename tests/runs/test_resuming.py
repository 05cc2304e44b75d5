"""Which run a command resumes, and what the message says if it cannot."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import polars as pl
import pytest

import recframe as package
from recframe.builtin.datasets.tabular import from_table
from recframe.errors import FolderError, SpecError
from recframe.runs.place import writing
from recframe.training import training_state
from recframe.training.training_state import arrays_of, read_state, write_state
from tests.runs.test_resume import TINY, Quiet

pytestmark = pytest.mark.slow
Recframe = Callable[..., subprocess.CompletedProcess[str]]
EXPORTS = ["exporters=[]"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped in its second epoch."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training_state, "INTERVAL", 0.0)
        patched.setattr(training_state, "SHARE", 1e9)
        with pytest.raises(KeyboardInterrupt):
            package.train(package.compose([*TINY, *EXPORTS]), folder, Quiet(epochs=2))
    return folder


@pytest.fixture
def run(killed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(killed, tmp_path / "run"))


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("train.learning_rate=0.1", "train.learning_rate is 0.1, but it was 0.005"),
        ("encoder=lstm", "encoder.type is 'lstm', but it was 'cnn'"),
        ("seed=2", "seed is 2, but it was 1"),
        ("train.epochs=1", "train.epochs is 1, but the run is already in epoch 2"),
    ],
    ids=lambda text: text.partition(" ")[0],
)
def test_another_spec_is_refused_with_both_values(override: str, words: str, run: Path, recframe: Recframe) -> None:
    by_folder = [*TINY, *EXPORTS, override, "hydra.run.dir=run"]
    for arguments in (["train", "resume=run", override], by_folder):
        if arguments is not by_folder and override == "encoder=lstm":
            continue  # its options are not those of cnn, which is another message
        done = recframe(*arguments, folder=run.parent)
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert "start a new run with overwrite=true" in done.stderr
    assert read_state(run) is not None


def test_what_may_change_does(run: Path, recframe: Recframe) -> None:
    done = recframe("train", "resume=run", "train.epochs=5", "evaluation.top_k=[3]", folder=run.parent)
    assert done.returncode == 0, done.stderr
    assert "· epoch  5  " in done.stderr
    assert "recall@3" in done.stdout
    assert "epochs: 5" in (run / "config.yaml").read_text()
    done = recframe("train", "resume=run", folder=run.parent)
    assert done.returncode == 2
    assert "this run is finished" in done.stderr
    assert "train.warm_start=" in done.stderr


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("versions", {"tensorflow": "1.15.0"}, r"tensorflow is 2\.\S+, but it was 1\.15\.0"),
        ("versions", {"the plugin of encoder 'cnn'": "mine 0.3"}, r"encoder 'cnn' is recframe .*but it was mine 0\.3"),
        ("data", {"events": 5}, r"the data has changed: [\d,]+ events instead of 5"),
        ("data", {"sha256": "0"}, r"the counts are equal, but the features differ \(sha256\)"),
        (
            "data",
            {"events_sha256": "0", "sha256": "0"},
            r"the data has changed: .* but the events differ \(sha256\)",
        ),
    ],
)
def test_other_versions_and_data_are_refused(key: str, value: dict[str, object], words: str, run: Path) -> None:
    state = read_state(run)
    assert state is not None
    identity = {**state.identity, key: {**state.identity[key], **value}}
    arrays = {name: arrays_of(run, name) for name in ("model", "optimizer", "best")}
    write_state(run, attrs.evolve(state, identity=identity), arrays)
    for go_on in (
        lambda: package.resume(run, listener=Quiet()),
        lambda: package.train(package.compose([*TINY, *EXPORTS]), run, Quiet()),
    ):
        with pytest.raises(SpecError, match=words):
            go_on()
    assert read_state(run) == attrs.evolve(state, identity=identity)
    ended = package.train(package.compose([*TINY, *EXPORTS, "train.epochs=1"]), run, Quiet(), overwrite=True)
    assert len(ended.history) == 1


def test_data_of_python_must_be_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_state, "INTERVAL", 0.0)
    monkeypatch.setattr(training_state, "SHARE", 1e9)
    rows = [(user, (user * 3 + step) % 9) for user in range(40) for step in range(5)]
    table = pl.DataFrame(rows, schema=["user", "item"], orient="row")
    spec = package.compose(["train.epochs=2", "model.width=4", "model.history_length=4", "evaluation.top_k=[3]"])
    with pytest.raises(KeyboardInterrupt):
        package.train(spec, tmp_path / "run", Quiet(epochs=2), data=from_table(table))
    with pytest.raises(SpecError, match="the data has changed"):
        package.resume(tmp_path / "run", listener=Quiet())
    again = package.resume(tmp_path / "run", listener=Quiet(), data=from_table(table))
    assert len(again.history) == 2


def test_a_finished_run_is_not_replaced_unless_asked(tmp_path: Path, recframe: Recframe) -> None:
    words = [*TINY, *EXPORTS, "train.epochs=0", "hydra.run.dir=run"]
    assert recframe(*words, folder=tmp_path).returncode == 0
    before = (tmp_path / "run" / "metrics.json").read_bytes()
    done = recframe(*words, folder=tmp_path)
    assert done.returncode == 2
    assert "it holds a finished run; set overwrite=true to replace it" in done.stderr
    with pytest.raises(FolderError, match="holds a finished run"):
        package.train(package.compose(TINY), tmp_path / "run")
    assert (tmp_path / "run" / "metrics.json").read_bytes() == before
    assert recframe(*words, "overwrite=true", folder=tmp_path).returncode == 0
    assert (tmp_path / "run" / "metrics.json").read_bytes() != before


def test_a_run_that_another_process_goes_on_with_is_refused(run: Path, recframe: Recframe) -> None:
    with writing(run):
        for words in (["train", "resume=run"], [*TINY, *EXPORTS, "hydra.run.dir=run"]):
            done = recframe(*words, folder=run.parent)
            assert done.returncode == 2
            assert "is writing here" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "resume=nowhere"], "nowhere: no such folder"),
        (["train", "resume=."], "not a run folder"),
        (["train", "resume=run", "-m"], "no flags of Hydra"),
        (["train", "resume=run", "resume=."], "names one run"),
        (["train", "resume=run", "train.epoch=3"], "train.epoch: unknown key; did you mean 'epochs'?"),
        (["train", "resume=run", "train.epochs=many"], "train.epochs: "),
        (["overwrite=perhaps"], "overwrite: 'perhaps' is not allowed: must be true or false"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_message(words: list[str], message: str, run: Path, recframe: Recframe) -> None:
    done = recframe(*words, folder=run.parent)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in run.parent.iterdir()] == ["run"]
    assert list(run.glob(".*")) == []


def test_a_damaged_state_is_refused(run: Path, recframe: Recframe) -> None:
    path = run / training_state.TRAINING
    path.write_bytes(path.read_bytes()[:-100])
    done = recframe("train", "resume=run", folder=run.parent)
    assert done.returncode == 2
    assert "training.npz: cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
