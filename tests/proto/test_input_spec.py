"""`recframe input_spec=FILE` through the command line, from a file to a bundle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import text_format

from recframe import commands as cli
from recframe.proto import InputConfig
from recframe.runtime import Bundle
from tests.builtin.datasets.movielens_folder import write_movielens

Recframe = Callable[..., subprocess.CompletedProcess[str]]

#: The values of Model Maker's sample, but for the sizes.
TEXT = """
activity_feature_groups {{
  features {{ feature_name: "context_movie_id" feature_type: INT vocab_size: {size} embedding_dim: 8
    feature_length: 10 }}
  features {{ feature_name: "context_movie_rating" feature_type: FLOAT feature_length: 10 }}
  encoder_type: CNN
}}
activity_feature_groups {{
  features {{
    feature_name: "context_movie_genre" feature_type: STRING vocab_name: "movie_genre_vocab.txt" vocab_size: 19
    embedding_dim: 4 feature_length: 32
  }}
  encoder_type: CNN
}}
label_feature {{
  feature_name: "label_movie_id" feature_type: INT vocab_size: {size} embedding_dim: 8 feature_length: 1
}}
"""
GENRES = "UNK\nDrama\nComedy\nSci-Fi\nAction\nFilm-Noir\n"
#: In the folder that `work` makes: movies have the ids 1, 4, ..., 43, and War is no line of the vocabulary.
DATA = ["dataset=movielens", "dataset.path=ml", "model.num_predictions=5", "evaluation.top_k=[1,5,10]"]
NOTES = [
    "events have an item id below 1 or not below label.vocab_size=35: these events are left out",
    "· feature 'context_movie_genre': values that are not in its vocabulary count as unknown: War",
]
INPUTS = {"context_movie_id": 10, "context_movie_rating": 10, "context_movie_genre": 32}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a folder with data, a vocabulary, and the file as text and as binary."""
    monkeypatch.chdir(tmp_path)
    write_movielens(tmp_path / "ml", users=60)
    _write_spec(tmp_path, 35)
    message = text_format.Parse((tmp_path / "spec.pbtxt").read_text(), InputConfig())
    (tmp_path / "spec.pb").write_bytes(message.SerializeToString())
    return tmp_path


def _write_spec(folder: Path, size: int) -> None:
    (folder / "movie_genre_vocab.txt").write_text(GENRES)
    (folder / "spec.pbtxt").write_text(TEXT.format(size=size))


def _process(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-m", "recframe", *arguments]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def _check(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert done.returncode == 0, done.stderr
    # Nothing but our own lines: no remarks of Hydra, Keras or LiteRT.
    assert all(line.startswith("·") for line in done.stderr.splitlines()), done.stderr
    return done


def test_the_plan_is_the_same_from_text_and_from_binary(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plans = []
    for name in ("spec.pbtxt", "spec.pb"):
        assert cli.main(["plan", f"input_spec={name}", *DATA, "export.batch=model_maker"]) == 0
        plans.append(capfd.readouterr())
    assert plans[0].out == plans[1].out
    for name, length in INPUTS.items():
        assert f"input   {name} {'float' if 'rating' in name else 'int'}32 [{length}]\n" in plans[0].out
    assert "output  top_prediction_ids int32 [5]\n" in plans[0].out
    assert all(note in plans[0].err for note in NOTES)


def test_a_missing_vocabulary_is_learnt_and_noted(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (work / "movie_genre_vocab.txt").unlink()
    assert cli.main(["plan", "input_spec=spec.pbtxt", *DATA]) == 0
    printed = capfd.readouterr().err
    assert f"there is no vocabulary {work / 'movie_genre_vocab.txt'}, so the ids are learnt from the data" in printed
    assert "War" not in printed


def test_lists_longer_than_the_catalogue_are_cut_and_noted(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    longer = ["evaluation.top_k=[1,20]", "model.num_predictions=40"]
    assert cli.main(["plan", "input_spec=spec.pbtxt", *DATA, *longer]) == 0
    printed = capfd.readouterr()
    assert "evaluation.top_k: the catalogue has 12 items, so [1, 20] becomes [1]" in printed.err
    assert "model.num_predictions: the catalogue has 12 items, so 40 becomes 12" in printed.err
    assert "output  top_prediction_ids int32 [1, 12]" in printed.out


@pytest.mark.slow
@pytest.mark.parametrize(("file", "batch"), [("spec.pbtxt", "1"), ("spec.pb", "model_maker")])
def test_from_the_file_to_recommendations(work: Path, file: str, batch: str, recframe: Recframe) -> None:
    more = ["train.epochs=2", "hydra.run.dir=run", f"export.batch={batch}"]
    train = _process if batch == "1" else recframe  # one of the two from a cold start
    done = _check(train(f"input_spec={file}", *DATA, *more, folder=work))
    assert all(note in done.stderr for note in NOTES)
    config, metrics = _read_run(work / "run")
    assert "input_spec" not in config
    assert list(config["groups"]) == ["activity_0", "activity_1"]
    assert config["label"] == {"name": "label_movie_id", "vocab_size": 35}
    # 14 movies are rated, 37 and 40 of them are beyond vocab_size.
    assert metrics["counts"]["items"] == 12
    exported = metrics["exports"]["tflite/float32"]
    assert exported["max_score_difference"] < 1e-5
    # Events with movies beyond vocab_size, which an app cannot name, are left out of the data.
    assert exported["overlap"] == 1
    bundle = _check_bundle(work / "run/export", [1, 10] if batch == "1" else [10])
    assert (len(bundle.labels), set(bundle.id_of)) == (35, {str(3 * i + 1) for i in range(12)})
    # The run's folder is enough to go on with.
    (work / file).unlink()
    _check(recframe("evaluate", "run", folder=work))
    assert _read_run(work / "run")[1]["test"] == metrics["test"]
    _check(recframe("export", "run", "exporters=[tflite,saved_model]", folder=work))
    again = Bundle(work / "run/export")
    assert (again.folder / "saved_model").is_dir()
    assert [(i.id, round(i.score, 4)) for i in again.recommend([1, 4])] == [
        (i.id, round(i.score, 4)) for i in bundle.recommend([1, 4])
    ]
    done = _check(_process("recommend", "run/export", "--history", "1", "4", "--k", "3", folder=work))
    assert bundle.recommend([1, 4])[0].id in done.stdout
    assert (
        done.stderr
        == "· the bundle does not know these values of the items, so the model reads 0: context_movie_rating\n"
    )


@pytest.mark.slow
def test_the_sample_on_the_real_set(tmp_path: Path, recframe: Recframe) -> None:
    """RECFRAME_TEST_DATA names a folder with ml-latest-small, of which a third is beyond the sample's vocab_size."""
    data = os.environ.get("RECFRAME_TEST_DATA")
    if not data:
        pytest.skip("RECFRAME_TEST_DATA is not set: the real MovieLens set is not tested")
    _write_spec(tmp_path, 3953)
    overrides = ["input_spec=spec.pbtxt", "dataset=movielens", f"dataset.path={data}/ml-latest-small"]
    done = _check(recframe(*overrides, "train.epochs=1", "hydra.run.dir=run", folder=tmp_path))
    assert "not below label.vocab_size=3953" in done.stderr
    _, metrics = _read_run(tmp_path / "run")
    assert metrics["counts"]["items"] > 2000
    bundle = _check_bundle(tmp_path / "run/export", [1, 10])
    assert len(bundle.labels) == 3953
    assert len(bundle.id_of) == metrics["counts"]["items"]
    titles = {item.title for item in bundle.recommend(["Toy Story (1995)", "Jumanji (1995)"])}
    assert len(titles) == 10
    assert "Toy Story (1995)" not in titles


def _read_run(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    config = yaml.safe_load((folder / "config.yaml").read_text())
    return config, json.loads((folder / "metrics.json").read_text())


def _check_bundle(folder: Path, shape: list[int]) -> Bundle:
    """The bundle must have these properties, and give the answers of golden.json for its inputs."""
    bundle = Bundle(folder)
    assert {spec["name"]: spec["shape"][-1] for spec in bundle.manifest["inputs"]} == INPUTS
    assert bundle.manifest["inputs"][0]["shape"] == shape
    cut = {spec["name"]: spec["truncation"] for spec in bundle.manifest["inputs"]}
    assert cut == {
        "context_movie_id": "oldest", "context_movie_rating": "oldest", "context_movie_genre": "newest"
    }  # fmt: skip
    for raw in list(bundle.id_of)[:5]:
        answered = {item.id for item in bundle.recommend([raw])}
        assert answered
        assert answered <= set(bundle.id_of) - {raw}
    return bundle
