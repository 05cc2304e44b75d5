import errno
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from recframe import commands as cli
from recframe.errors import SpecError
from recframe.plugin import manager


def command(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "recframe", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **env},
        check=False,
    )


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A run folder is made in the working directory.
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A replacement of the training module, so that TensorFlow is not loaded."""
    calls: Any = types.SimpleNamespace(calls=[])
    calls.train_and_report = lambda spec, registries, folder, find_stopped: calls.calls.append((spec, folder))
    again: Any = types.ModuleType("recframe.reporting.existing_runs")
    again.evaluate_run = lambda folder, registries, say: calls.calls.append(folder)
    again.export_run = lambda folder, registries, changes, say: calls.calls.append((folder, changes))
    main_job: Any = types.ModuleType("recframe.commands.train_and_report")
    main_job.train_and_report = lambda *arguments, when_complete: calls.train_and_report(*arguments)
    console: Any = types.ModuleType("recframe.reporting.console")
    console.print_results = lambda run: None
    console.ConsoleListener = lambda: types.SimpleNamespace(say=print)
    table: Any = types.ModuleType("recframe.reporting.sweep_table")
    table.print_sweep = lambda folder, command: calls.calls.append(folder.name)
    for module in (again, main_job, console, table):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("recframe.process.tensorflow_start.load_tensorflow", lambda: None)
    monkeypatch.setattr("recframe.runs.start.load_tensorflow", lambda: None)
    return calls


@pytest.mark.parametrize("first", [[], ["train"]])
def test_train_is_the_default_command(training: Any, first: list[str]) -> None:
    assert cli.main([*first, "encoder=cnn", "hydra.run.dir=here"]) == 0
    ((spec, folder),) = training.calls
    assert spec.encoder.type == "cnn"
    assert folder == Path("here").resolve()
    assert list(folder.iterdir()) == []


def test_multirun_gives_each_run_its_folder(training: Any) -> None:
    assert cli.main(["-m", "encoder=bow,cnn", "hydra.sweep.dir=sweep"]) == 0
    *runs, compared = training.calls
    assert [(spec.encoder.type, folder.name) for spec, folder in runs] == [("bow", "0"), ("cnn", "1")]
    assert compared == "sweep"


@pytest.mark.parametrize("there", [False, True])
def test_a_run_that_never_started_leaves_no_folder(training: Any, tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "runs").mkdir()
    assert cli.main(["train.epochs=many"]) == 2
    assert (tmp_path / "runs").exists() == there
    assert not list(tmp_path.glob("runs/*"))
    assert cli.main(["train.epochs=many", f"hydra.run.dir={tmp_path}/a/b"]) == 2
    assert not (tmp_path / "a").exists()


def test_evaluate_and_export_take_a_run_folder(training: Any, tmp_path: Path) -> None:
    assert cli.main(["evaluate", str(tmp_path)]) == 0
    assert cli.main(["export", str(tmp_path), "exporters=[tflite]", "export.variants=[int8]", "export.batch=4"]) == 0
    changes = {"exporters": ["tflite"], "export": {"variants": ["int8"], "batch": 4}}
    assert training.calls == [tmp_path, (tmp_path, changes)]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SpecError("train.epochs: too many"), 2, "recframe: train.epochs: too many\n"),
        (KeyboardInterrupt(), 130, "stopped\n"),
        (OSError(errno.ENOSPC, "No space left", "model.tflite"), 1, "no space left on the disk for model.tflite"),
        (OSError(errno.EROFS, "Read-only file system", "run"), 2, "recframe: run: Read-only file system\n"),
        (RuntimeError("a bug"), 1, "RuntimeError: a bug"),
    ],
    ids=["input", "interrupt", "disk full", "read-only", "bug"],
)  # fmt: skip
def test_an_error_of_the_run_gives_its_code(
    training: Any, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, words: str
) -> None:
    def fail(*arguments: Any) -> None:
        raise error

    training.train_and_report = fail
    assert cli.main([]) == code
    text = capsys.readouterr().err
    assert words in text
    assert ("Traceback" in text) == isinstance(error, RuntimeError)


@pytest.mark.parametrize("several", [[], ["-m"]])
def test_ctrl_c_while_a_native_module_loads(
    training: Any, capsys: pytest.CaptureFixture[str], several: list[str]
) -> None:
    def fail(*arguments: Any) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    training.train_and_report = fail
    assert cli.main([*several, "hydra.run.dir=run", "hydra.sweep.dir=run"]) == 130
    text = capsys.readouterr().err
    assert text.endswith("stopped\n")
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train.epochs=abc", "seed=-1"], "2 problems:\n  seed: -1 is not allowed"),
        (["train.epoch=3"], "train.epoch: unknown key; did you mean 'train.epochs'?"),
        (["encoder=cn"], "no encoder 'cn'; did you mean 'cnn'? There are: "),
        (["plan", "encoder=cn"], "no encoder 'cn'; did you mean 'cnn'? There are: "),
        (["plugin"], "no command 'plugin'; did you mean 'plugins'? The commands are: train, "),
        (["describe", "encoder/cn"], "no encoder 'cn'; did you mean 'cnn'?"),
        (["describe", "cnn"], "did you mean encoder/cnn?"),
        (["evaluate", "nowhere"], "nowhere: no such folder"),
        (["recommend", "."], "--history"),
        (["plugins", "--kind", "x"], "invalid choice"),
    ],
)
def test_wrong_input_exits_with_2_and_one_message(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert cli.main(arguments) == 2
    text = capsys.readouterr().err
    assert text.startswith("recframe: ")
    assert words in text
    assert "Traceback" not in text


def test_the_traceback_is_shown_on_request(tmp_path: Path) -> None:
    done = command("train.epochs=abc", cwd=tmp_path, HYDRA_FULL_ERROR="1")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_describe_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["describe", "encoder/cnn", "--json"]) == 0
    description = json.loads(capsys.readouterr().out)
    assert description["source"].endswith("(built-in)")
    kernel = next(option for option in description["options"] if option["name"] == "kernel_size")
    assert (kernel["type"], kernel["default"], kernel["constraint"]) == ("integer", 4, "at least 1")
    assert cli.main(["describe", "encoders/cnn"]) == 0
    assert kernel["help"] in capsys.readouterr().out


def test_plugins_shows_a_failed_one_with_its_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECFRAME_PLUGINS", "recframe-nowhere")
    manager._cached.cache_clear()
    assert cli.main(["plugins", "--kind", "encoder"]) == 0
    text = capsys.readouterr().out
    assert "encoder/cnn" in text
    assert "loss/" not in text
    assert "failed" in text
    assert "no installed distribution of that name" in text
    assert cli.main(["plugins", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[-1]["status"] == "failed"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], "recframe describe KIND/NAME"),
        (["plugins"], "encoder/bow"),
        (["describe", "loss/softmax"], "built-in"),
        (["--cfg", "job", "--resolve", "encoder=cnn"], "kernel_size: 4"),
        (["--info", "searchpath"], "recframe.conf"),
        (["--version"], "recframe "),
    ],
)
def test_listings_never_load_tensorflow(tmp_path: Path, arguments: list[str], words: str) -> None:
    code, text, modules = _in_a_process(tmp_path, arguments)
    assert code == 0, text
    assert words in text
    assert not {"tensorflow", "keras", "numpy", "polars"} & modules
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dataset=movielens", "dataset.path=nowhere"], "no folder nowhere"),
        (["plan", "dataset=movielens", "dataset.path=nowhere"], "no folder nowhere"),
        (["dataset=tabular", "dataset.path=x.csv", "dataset.columns.user=u"], "dataset.path: no file or folder x.csv"),
    ],
)
def test_missing_data_is_reported_before_tensorflow_is_loaded(tmp_path: Path, arguments: list[str], words: str) -> None:
    code, text, modules = _in_a_process(tmp_path, arguments)
    assert code == 2
    assert words in text
    assert "tensorflow" not in modules


def _in_a_process(folder: Path, arguments: list[str]) -> tuple[int, str, set[str]]:
    """The exit code, both outputs, and the modules that were loaded."""
    program = (
        "import sys\nfrom recframe.commands import main\n"
        "try:\n    code = main(sys.argv[1:])\nexcept SystemExit as stop:\n    code = stop.code\n"
        "print('modules:', *sys.modules)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, cwd=folder, check=False
    )
    output, _, modules = done.stdout.rpartition("modules:")
    return done.returncode, output + done.stderr, set(modules.split())


def test_import_recframe_is_light() -> None:
    code = "import sys, recframe; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy", "polars", "hydra", "omegaconf"} & set(done.stdout.split())


BOMBS = {
    "aliases": "a0: &a0 [1, 1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
    "deep": "seed: " + "[" * 5_000 + "]" * 5_000,
    "digits": "seed: " + "9" * 5_001,
    "base 60": "seed: 1:" + ":".join(["59"] * 5_000),
}


@pytest.mark.parametrize("flag", ["--config-dir=own", "--config-dir own"])
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_yaml_bomb_in_the_users_config_is_one_message(
    flag: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own/experiment").mkdir(parents=True)
    (tmp_path / "own/experiment/mine.yaml").write_text(f"# @package _global_\n{text}\n", encoding="utf-8")
    assert cli.main([*flag.split(), "+experiment=mine", "--cfg", "job"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("recframe: own/experiment/mine.yaml: ")
    assert message.count("\n") == 1


def test_aliases_for_few_values_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own/experiment").mkdir(parents=True)
    text = "# @package _global_\nevaluation: {batch_size: &rows 64}\ntrain: {batch_size: *rows}\n"
    (tmp_path / "own/experiment/mine.yaml").write_text(text, encoding="utf-8")
    assert cli.main(["--config-dir=own", "+experiment=mine", "--cfg", "job"]) == 0
    assert "batch_size: 64" in capsys.readouterr().out


def test_the_exit_code_after_tensorflow_ran_out_of_memory(tmp_path: Path) -> None:
    # What TensorFlow does at the end of such a process: it aborts, with code 134.
    code = """
import atexit, os
from recframe import commands as cli
from recframe.commands import entry
class ResourceExhaustedError(Exception): pass
def fail(words, show_traceback):
    try:
        raise ResourceExhaustedError("Out of memory")
    except ResourceExhaustedError as error:
        raise SystemExit(entry.report(error, show_traceback)) from None
entry._dispatch = fail
atexit.register(os.abort)
raise SystemExit(cli.main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "not enough memory (Out of memory)" in done.stderr
