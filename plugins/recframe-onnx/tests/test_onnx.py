"""The ONNX model answers as the trained one does, and a file that does not is refused."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import onnx as onnx_format
import onnxruntime
import pytest

import recframe
from recframe.errors import ExportError
from recframe.plugin import manager
from recframe.plugin.exporting import Answers, ExportContext, ExportedFile
from recframe.plugin.types import EncoderType, NoOptions
from recframe.testing import ExporterContract
from recframe_onnx import OnnxOptions, conversion, export, onnx, translations
from recframe_onnx.conversion import convert
from recframe_onnx.graphs import nodes_of
from recframe_onnx.session import OnnxSession

MakeExport = Callable[..., ExportContext]
SEVERAL = (
    "groups={history:{features:{watched:{type:int,source:item},stars:{type:float,source:rating},"
    "kinds:{type:strings,source:genres}}},again:{encoder:{type:bow},features:{before:{type:int,source:year}}},"
    "who:{scope:user,features:{age:{type:int,source:age,length:2}}}}",
    "~groups.history.features.item",
)
CASES = {
    "bow": ["encoder=bow"],
    "cnn": ["encoder=cnn"],
    "lstm": ["encoder=lstm"],
    "gru": ["encoder=gru"],
    "several features and groups": ["encoder=cnn", *SEVERAL],
    "with the history": ["encoder=bow", "exclude_seen=false"],
    "sigmoid": ["encoder=bow", "export.scores=sigmoid"],
    "no batch dimension": ["encoder=bow", "export.batch=model_maker"],
    "three at once": ["encoder=gru", "export.batch=3"],
    "ids to leave out and to let in": ["encoder=bow", "export.exclude_ids=4", "export.allow_ids=4"],
    "two tables": ["encoder=bow", "model.tie_embeddings=false", "model.item_bias=false"],
    "hidden layers": ["encoder=bow", "model.hidden_layer_dims=[6]"],
}


class TestOnnx(ExporterContract):
    contribution = onnx


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def context(
    request: pytest.FixtureRequest, make_export: MakeExport, tmp_path_factory: pytest.TempPathFactory
) -> ExportContext:
    return make_export(tmp_path_factory.mktemp("bundle"), *request.param)


@pytest.fixture(scope="module")
def exported(context: ExportContext) -> ExportedFile:
    (file,) = export(OnnxOptions(), context)
    return file


@pytest.fixture(scope="module")
def bow(make_export: MakeExport, tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    return make_export(tmp_path_factory.mktemp("bow"), "encoder=bow")


def test_it_answers_as_the_trained_model_does(context: ExportContext, exported: ExportedFile) -> None:
    file, path = exported, context.folder / exported.path
    assert (file.name, file.path) == ("onnx/float32", "model.onnx")
    assert file.figures["overlap"] == 1
    assert file.figures["max_score_difference"] < 1e-5
    assert file.figures["bytes"] == path.stat().st_size
    assert file.details["opset"] == 17
    assert file.details["ops"]["TopK"] == 1
    session = onnxruntime.InferenceSession(path)
    assert [value.name for value in session.get_inputs()] == list(context.module.inputs)
    assert {value.name: value.type for value in session.get_outputs()} == {
        "top_prediction_ids": "tensor(int32)",
        "top_prediction_scores": "tensor(float)",
        "scores": "tensor(float)",
    }


def test_the_label_table_stands_in_it_once(context: ExportContext, exported: ExportedFile) -> None:
    content = (context.folder / exported.path).read_bytes()
    labels, width = len(context.catalogue.labels), context.spec.model.width
    table = next(held for held in context.module.held if tuple(held.shape) == (labels, width)).numpy()
    held = content.count(table.tobytes()) + content.count(np.ascontiguousarray(table.T).tobytes())
    assert held == 1


def test_ids_out_of_range_and_an_empty_history_are_answered(bow: ExportContext) -> None:
    ask = OnnxSession(convert(bow.module, 17, "onnx").content, bow.module.inputs, "onnx").ask
    for fill in (0, -5, 10**6):
        answer = ask({"item": np.full((1, 6), fill, np.int32)})
        assert np.isfinite(answer.scores).all()
        assert ((answer.ids > 0) & (answer.ids < 26)).all()


@pytest.mark.parametrize("encoder", ["bow", "gru"])
def test_the_same_weights_give_the_same_bytes(make_export: MakeExport, tmp_path: Path, encoder: str) -> None:
    first, second = (convert(make_export(tmp_path, f"encoder={encoder}").module, 17, "onnx").content for _ in "ab")
    assert first == second


@pytest.mark.parametrize("opset", [16, 18])
def test_the_opset_is_the_one_that_was_asked_for(bow: ExportContext, tmp_path: Path, opset: int) -> None:
    (file,) = export(OnnxOptions(opset=opset), attrs.evolve(bow, folder=tmp_path))
    assert file.details["opset"] == opset
    model = onnx_format.load(tmp_path / file.path)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", opset)]


def test_other_answers_than_the_models_are_refused(bow: ExportContext, tmp_path: Path) -> None:
    others = Answers(np.roll(bow.expected.ids, 1, axis=1), bow.expected.scores)
    changed = attrs.evolve(bow, folder=tmp_path, expected=attrs.evolve(others, scores=bow.expected.scores + 0.1))
    with pytest.raises(ExportError, match="onnx/float32 does not answer as the trained model does"):
        export(OnnxOptions(), changed)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_translation_is_refused(bow: ExportContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(graph: Any, node: Any, name: str, arguments: Any) -> None:
        """The history is left out nowhere."""
        translations.scatter(graph, node, name, arguments)
        zeros = graph.make_node("Sub", [node.input[2], node.input[2]]).output[0]
        graph.replace_inputs(node, [node.input[0], node.input[1], zeros])

    monkeypatch.setattr(conversion, "TRANSLATIONS", {**translations.TRANSLATIONS, "ScatterNd": (wrong, [])})
    with pytest.raises(ExportError, match="does not answer as the trained model does"):
        export(OnnxOptions(), attrs.evolve(bow, folder=tmp_path))


def encoder_of(function: Callable[[Any], Any]) -> Any:
    """A plugin with the encoder `odd`: a function of the mean of the steps."""

    def build(options: NoOptions, context: recframe.EncoderContext) -> Any:
        import keras
        import tensorflow as tf

        class Odd(keras.layers.Layer):
            supports_masking = True

            def call(self, steps: Any, mask: Any) -> Any:
                kept = tf.cast(mask, steps.dtype)[..., None]
                return function(tf.reduce_sum(steps * kept, axis=1))

        return Odd()

    class Plugin:
        @recframe.hookimpl
        def recframe_encoders(self) -> Any:
            yield EncoderType("odd", summary="Odd.", build=build)

    return Plugin()


def odd_export(make_export: MakeExport, folder: Path, function: Callable[[Any], Any]) -> ExportContext:
    """The export of a model whose encoder is that function; the spec, which knows no `odd`, says `bow`."""
    registries = manager.load([("odd", encoder_of(function))]).registries
    odd = registries.encoders["odd"]

    class Encoders:
        def __getitem__(self, name: str) -> EncoderType:
            return odd

    return make_export(folder, "encoder=bow", registries=attrs.evolve(registries, encoders=Encoders()))


def test_an_operator_without_a_form_in_onnx_is_refused_by_name(make_export: MakeExport, tmp_path: Path) -> None:
    import tensorflow as tf

    context = odd_export(make_export, tmp_path, lambda mean: tf.math.digamma(tf.abs(mean) + 1.0))
    with pytest.raises(
        ExportError, match=r"encoders: history: bow\): Digamma of TensorFlow has no form in ONNX's opset 17"
    ):
        export(OnnxOptions(), context)
    assert list(tmp_path.glob("*.onnx")) == []


def test_what_is_not_chosen_does_no_harm(make_export: MakeExport, tmp_path: Path) -> None:
    import tensorflow as tf

    # Where a sum is 0, the inverse is infinite, and another value is chosen.
    context = odd_export(make_export, tmp_path, lambda mean: tf.where(mean > 9.0, 1.0 / (mean - mean), mean))
    (file,) = export(OnnxOptions(), context)
    assert file.figures["overlap"] == 1


def test_an_index_that_occurs_twice_adds_up(make_export: MakeExport, tmp_path: Path) -> None:
    import tensorflow as tf

    def doubled(mean: Any) -> Any:
        return tf.transpose(tf.scatter_nd([[0], [0], [1]], tf.tile(tf.transpose(mean)[:1], [3, 1]), [4, mean.shape[0]]))

    context = odd_export(make_export, tmp_path, doubled)
    (file,) = export(OnnxOptions(), context)
    assert file.figures["overlap"] == 1
    assert any(node.op_type == "ScatterND" for node in nodes_of(onnx_format.load(tmp_path / file.path).graph))


@pytest.mark.parametrize("library", ["onnx", "onnxruntime", "tf2onnx"])
def test_a_missing_library_gives_one_line(
    bow: ExportContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        ExportError, match=f"needs {library}, which cannot be imported .*pip install recframe-onnx"
    ) as e:
        export(OnnxOptions(), attrs.evolve(bow, folder=tmp_path))
    assert "\n" not in str(e.value)


def test_listing_the_plugin_loads_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = builtins.__import__

    def note(name: str, *rest: Any, **more: Any) -> Any:
        asked.append(name.split(".")[0])
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", note)
    for name in [name for name in sys.modules if name.split(".")[0] == "recframe_onnx"]:
        monkeypatch.delitem(sys.modules, name)
    import recframe_onnx  # noqa: F401

    assert not {"onnx", "onnxruntime", "tf2onnx", "tensorflow"} & set(asked)
