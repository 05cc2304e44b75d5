"""Converts a layer to the form in which a phone runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from recframe.process.native_output import quiet_native_output


def convert_layer(
    layer: keras.Layer, call: Callable[..., tf.Tensor], inputs: Mapping[str, tf.TensorSpec]
) -> Callable[..., np.ndarray]:
    """Convert `call` to LiteRT with builtin ops; returns a function of the same inputs, by name, that runs the result.

    Args:
        layer: The layer whose weights `call` uses.
        inputs: Fixed shape and dtype by name.
    """
    from ai_edge_litert.interpreter import Interpreter

    class Serving(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            # If the module did not hold the weights, it would convert without an error into a model that answers NaN.
            self.held = [variable.value for variable in layer.variables]
            self.serve = tf.function(lambda **tensors: {"answer": call(**tensors)})

    module = Serving()
    named = {name: tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in inputs.items()}
    function = module.serve.get_concrete_function(**named)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    with quiet_native_output():
        interpreter = Interpreter(model_content=converter.convert())
        runner = interpreter.get_signature_runner(next(iter(interpreter.get_signature_list())))

    def ask(**values: Any) -> np.ndarray:
        return np.asarray(runner(**values)["answer"])

    return ask
