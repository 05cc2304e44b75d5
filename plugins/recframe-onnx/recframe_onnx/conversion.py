"""The serving graph as ONNX: converted by tf2onnx, checked, and put in order."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import onnx
import tensorflow as tf
import tf2onnx
from attrs import frozen

from recframe import ExportError, ServingGraph, quiet_native_output
from recframe.export import SCORES
from recframe_onnx.graphs import nodes_of
from recframe_onnx.order import put_in_order
from recframe_onnx.tables import hold_tables_once
from recframe_onnx.translations import TRANSLATIONS

OUTPUTS = ("top_prediction_ids", "top_prediction_scores")


@frozen
class OnnxModel:
    """The file's bytes, and how often each operator stands in it, those of loops included."""

    content: bytes
    ops: dict[str, int]


def convert(module: ServingGraph, opset: int, name: str, encoders: str = "") -> OnnxModel:
    """The module's signatures in operators of ONNX alone, as one graph. The same weights give the same bytes.

    Where the module has the signature `scores`, the graph has a third output of that name.

    Args:
        name: The export's name, for messages.
        encoders: Those of the groups, for messages.

    Raises:
        ExportError: naming the operators that have no ONNX form, or with the converter's reason.
    """
    concrete, inputs = module.concrete_of_all(), module.inputs

    @tf.function  # type: ignore[untyped-decorator]
    def serve(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        return dict(concrete(**dict(zip(inputs, values, strict=True))))

    said: list[str] = []
    try:
        with quiet_native_output(), _listen(said):
            model, _ = tf2onnx.convert.from_function(
                serve,
                input_signature=list(inputs.values()),
                opset=opset,
                custom_op_handlers=dict(TRANSLATIONS),
            )
    except Exception as error:  # whatever an operator's handler runs into
        reason = said[0] if said else (str(error).splitlines() or [type(error).__name__])[0]
        raise ExportError(f"{name}: the model does not convert to ONNX: {reason}") from error
    _require_known(model, opset, f"{name} (encoders: {encoders})" if encoders else name, said)
    hold_tables_once(model.graph)
    put_in_order(model)
    converted = [value.name for value in model.graph.input], {value.name for value in model.graph.output}
    wanted = {*OUTPUTS, SCORES} if SCORES in module.signatures else {*OUTPUTS}
    if converted != (list(inputs), wanted):
        raise ExportError(f"{name}: the converted model has other inputs and outputs than the signature: {converted}")
    try:
        onnx.checker.check_model(model, full_check=True)
        content = model.SerializeToString(deterministic=True)
    except Exception as error:  # the checker's own kinds, and protobuf's for what passes 2 GB
        raise ExportError(f"{name}: the converted model is not valid ONNX: {str(error)[:300]}") from error
    ops = Counter(node.op_type for node in nodes_of(model.graph))
    return OnnxModel(content, dict(sorted(ops.items())))


def _require_known(model: onnx.ModelProto, opset: int, name: str, said: list[str]) -> None:
    """Raise ExportError for operators that tf2onnx does not know, which it copies under their old names."""
    unknown = {
        f"{node.domain}:{node.op_type}" if node.domain else node.op_type
        for node in nodes_of(model.graph)
        if node.domain or not onnx.defs.has(node.op_type, opset, "")
    }
    if unknown:
        raise ExportError(
            f"{name}: {', '.join(sorted(unknown))} of TensorFlow has no form in ONNX's opset {opset}; "
            "look at the encoders and at feature types of other plugins"
        )
    if said:
        raise ExportError(f"{name}: the model does not convert to ONNX: {said[0]}")
    del model.opset_import[:]
    model.opset_import.append(onnx.helper.make_opsetid("", opset))


@contextmanager
def _listen(said: list[str]) -> Iterator[None]:
    """Collect the errors that tf2onnx logs and goes on from; print nothing."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append((record.getMessage().splitlines() or [""])[0])

    logger, listener = logging.getLogger("tf2onnx"), Listener(logging.ERROR)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(listener)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
        logger.propagate = propagate
