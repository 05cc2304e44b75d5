"""Conversion to LiteRT, and asking the converted model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from recframe.errors import ExportError
from recframe.export.context import Answers
from recframe.export.serving import ServingModule
from recframe.quiet import quiet_native_output


def convert(module: ServingModule, variant: str, name: str) -> bytes:
    """The flatbuffer of the module's signature, builtin ops only.

    Args:
        variant: float32, float16 (weights), or int8 (weights, dynamic range).

    Raises:
        ExportError: with the converter's reason, where an op has no builtin form.
    """
    with tempfile.TemporaryDirectory() as folder, quiet_native_output():
        tf.saved_model.save(module, folder, signatures={"serving_default": module.concrete()})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["serving_default"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if variant != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if variant == "float16":
            converter.target_spec.supported_types = [tf.float16]
        try:
            return bytes(converter.convert())
        except Exception as error:  # the converter raises its own private types
            reason = next((line for line in str(error).splitlines() if "error:" in line), str(error)[:300])
            raise ExportError(f"{name}: the model does not convert to builtin ops: {reason}") from error


def ask_lite(content: bytes) -> Callable[[Mapping[str, np.ndarray]], Answers]:
    """A function from one history's inputs to the model's answer."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet_native_output():
        runner = Interpreter(model_content=content, num_threads=1).get_signature_runner("serving_default")
        shapes = {name: tuple(spec["shape"]) for name, spec in runner.get_input_details().items()}
        # The first call prepares the graph, and says so: let it be this one.
        runner(**{name: np.zeros(spec["shape"], spec["dtype"]) for name, spec in runner.get_input_details().items()})

    def ask(inputs: Mapping[str, np.ndarray]) -> Answers:
        answer = runner(**{name: values.reshape(shapes[name]) for name, values in inputs.items()})
        return Answers(answer["top_prediction_ids"], answer["top_prediction_scores"])

    return ask
