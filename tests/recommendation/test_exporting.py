"""What Model Maker's `export` refuses, and leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import recframe as rf
from recframe import recommendation
from recframe.config import ExportFormat, QuantizationConfig
from recframe.errors import ExportError, FolderError, RecframeError, SpecError


def test_what_cannot_be_exported(trained: recommendation.Recommendation, tmp_path: Path) -> None:
    model = trained
    with pytest.raises(SpecError, match=r"for_int8: .* scores.* use for_dynamic\(\)"):
        QuantizationConfig.for_int8(None)
    for arguments, message in (
        (ExportFormat.TFJS, r"TFJS: a browser runs the \.tflite file itself"),
        (("TFLITE", "tfjs"), "TFJS: a browser"),
        ("tflyte", r"no 'tflyte'; did you mean 'tflite'\?"),
        ("ONNX", "no 'ONNX'"),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            model.export(tmp_path / "x", export_format=arguments)
        assert isinstance(caught.value, RecframeError)
    with pytest.raises(ValueError, match=r"quantization_config is a str; it must be a recframe\.config"):
        model.export(tmp_path / "x", quantization_config="float16")  # type: ignore[arg-type]
    for name in ("", ".", "..", "a/b", "vocab.txt"):
        with pytest.raises(ValueError, match=r"must be the name of a file|two of the file names are equal"):
            model.export(tmp_path / "x", tflite_filename=name)
    with pytest.raises(TypeError, match="with_metadata"):
        model.export(tmp_path / "x", with_metadata=False)  # type: ignore[call-arg]
    assert not (tmp_path / "x").exists()


def test_a_file_may_have_the_name_that_an_exporter_writes(
    trained: recommendation.Recommendation, tmp_path: Path
) -> None:
    trained.export(
        tmp_path, "other.tflite", label_filename="model.tflite", export_format=[ExportFormat.LABEL, ExportFormat.TFLITE]
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.tflite", "other.tflite"]
    assert (tmp_path / "other.tflite").read_bytes()[4:8] == b"TFL3"
    assert trained.catalogue is not None
    assert len((tmp_path / "model.tflite").read_text().splitlines()) == len(trained.catalogue.labels)


def test_an_exporter_of_a_plugin(
    trained: recommendation.Recommendation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @frozen
    class Options:
        """None."""

    def write(options: Options, context: Any) -> list[Any]:
        (context.folder / "list.csv").write_text(",".join(context.catalogue.features))
        return [rf.ExportedFile("csv/text", "list.csv", {"overlap": 1.0, "max_score_difference": 0.0})]

    model = trained
    exporter = rf.ExporterType("csv", summary="For the test.", options=Options, export=write)
    monkeypatch.setattr(model, "registries", model.registries.extended([exporter], "theirs 1.0"))
    model.export(tmp_path, export_format=["csv", ExportFormat.TFLITE])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv", "model.tflite"]
    assert (tmp_path / "list.csv").read_text() == "context_movie_id,context_movie_rating,context_movie_genre"
    with pytest.raises(ExportError, match="context_movie_rating"):
        model.export(tmp_path, export_format="android")


def test_an_export_that_answers_otherwise_leaves_what_was_there(
    trained: recommendation.Recommendation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recframe.export.checks import parity

    model = trained
    (tmp_path / "model.tflite").write_text("of before")

    def off(*arguments: Any) -> Any:
        answers = expected(*arguments)
        return type(answers)(answers.ids[:, ::-1], answers.scores + 1)

    expected = parity.expected_answers
    monkeypatch.setattr(parity, "expected_answers", off)
    with pytest.raises(ExportError, match="does not answer as the trained model does"):
        model.export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.tflite"]
    assert (tmp_path / "model.tflite").read_text() == "of before"


@pytest.mark.parametrize("name", ["saved_model/thesis.docx", "saved_model/variables/mine.txt", "saved_model"])
def test_an_export_removes_nothing_but_an_earlier_export(
    name: str, trained: recommendation.Recommendation, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    with pytest.raises(FolderError, match=path.name):
        trained.export(tmp_path, export_format=["saved_model", "tflite"])
    assert [path_left for path_left in tmp_path.rglob("*") if path_left.is_file()] == [path]
    assert path.read_text() == "mine"
    path.unlink()
    (tmp_path / ".export.recframe-part").mkdir()  # a process was killed
    for _ in range(2):
        trained.export(tmp_path, export_format=["saved_model", "tflite"])
        assert sorted(path_left.name for path_left in tmp_path.iterdir()) == ["model.tflite", "saved_model"]
        assert (tmp_path / "saved_model" / "saved_model.pb").is_file()
