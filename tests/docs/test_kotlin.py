"""The Kotlin of docs/on-android.md on the JVM, where tests/docs/kotlin stands in for Android and LiteRT."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recframe.runtime import Bundle
from tests.docs.pages import ROOT
from tests.runtime.bundles import export
from tests.runtime.moment_runs import moment_run

STANDS_IN = Path(__file__).parent / "kotlin"
JARS = [Path("/usr/share/java") / name for name in ("json-android.jar", "junit4.jar", "hamcrest.jar")]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("kotlinc") is None or not all(jar.exists() for jar in JARS),
        reason="no Kotlin is installed (Debian: apt-get install kotlin junit4 libandroid-json-org-java)",
    ),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A jar of the page's code and what stands in."""
    folder = tmp_path_factory.mktemp("kotlin")
    page = (ROOT / "docs/on-android.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^`(\w+\.kt)`\n\n```kotlin\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in blocks] == ["Recommender.kt", "GoldenTest.kt"]
    for name, code in blocks:
        # Debian's org.json was compiled without the types of iterators, which Android's has.
        typed = re.sub(r"\b(files|inputs)\.keys\(\)", r"(\1.keys() as Iterator<String>)", code)
        (folder / name).write_text(typed, encoding="utf-8")
    sources = [*folder.glob("*.kt"), *STANDS_IN.glob("*.kt")]
    jar = folder / "program.jar"
    command = ["kotlinc", "-cp", ":".join(map(str, JARS)), *map(str, sources), "-include-runtime", "-d", str(jar)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return jar


def run(program: Path, assets: Path, *history: str, **times: int) -> list[str]:
    """The lines that it prints; `assets` holds the folder `bundle`."""
    properties = {"assets": assets, "python": sys.executable, "server": STANDS_IN / "interpreter.py", **times}
    done = subprocess.run(
        [
            "java",
            *(f"-D{name}={value}" for name, value in properties.items()),
            *("-cp", ":".join(map(str, [program, *JARS])), "MainKt", *history),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("variant", ["float32", "int8"])
def test_an_app_answers_as_python_does(program: Path, tmp_path: Path, variant: str) -> None:
    bundle = Bundle(export(tmp_path / "bundle", f"export.variants=[{variant}]", "export.max_recall_drop=1"))
    for history in ([], bundle.labels[3:5], bundle.labels[1:20]):
        *items, tests = run(program, tmp_path, *history)
        wanted = bundle.recommend(history)
        assert [line.split("\t")[:2] for line in items] == [[item.id, item.title] for item in wanted]
        assert [float(line.split("\t")[2]) for line in items] == pytest.approx(
            [item.score for item in wanted], rel=1e-5
        )
        assert tests == "2 tests"


def test_an_app_tells_the_moment_of_asking(program: Path, tmp_path: Path) -> None:
    bundle = Bundle(moment_run("model.width=4").export(tmp_path / "bundle"))
    history, last = bundle.labels[3:5], 1_700_000_000
    answers = []
    for away in (0, 20_000, 3_000_000):
        now = last + away
        *items, tests = run(program, tmp_path, *history, last=last, now=now)
        wanted = bundle.recommend(history, timestamps=[last - 60, last], now=now)
        assert [line.split("\t")[0] for line in items] == [item.id for item in wanted]
        scores = [float(line.split("\t")[2]) for line in items]
        assert scores == pytest.approx([item.score for item in wanted], rel=1e-4)
        assert tests == "2 tests"
        answers.append(scores)
    assert answers[0] != answers[1] != answers[2]
    unknown = run(program, tmp_path, *history, now=last)[:-1]
    assert [line.split("\t")[0] for line in unknown] == [item.id for item in bundle.recommend(history, now=last)]


def test_a_changed_file_and_another_answer_fail_the_test(program: Path, tmp_path: Path) -> None:
    bundle = export(tmp_path / "bundle", "export.variants=[float32,int8]", "export.max_recall_drop=1")
    (bundle / "model_int8.tflite").unlink()  # which an app may leave behind
    assert run(program, tmp_path, "1")[-1] == "2 tests"
    golden = (bundle / "golden.json").read_text(encoding="utf-8")
    changed = re.sub(r'("top_prediction_ids": \[\s*\[\s*)\d+', r"\g<1>39", golden)
    (bundle / "golden.json").write_text(changed, encoding="utf-8")
    failures = [line for line in run(program, tmp_path, "1") if line.startswith("failed")]
    assert len(failures) == 2
    assert any("filesAreThoseOfTheExport" in line and "golden.json expected" in line for line in failures)
    assert any("answersAsAtExport" in line for line in failures)
