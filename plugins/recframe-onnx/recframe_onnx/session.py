"""Asks an ONNX model, as an app does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime
import tensorflow as tf

from recframe import Answers, ExportError
from recframe.export import SCORES

TYPES = {"int32": "tensor(int32)", "float32": "tensor(float)"}


class OnnxSession:
    """A model in ONNX Runtime, on one thread of the CPU, asked as an app does.

    Args:
        inputs: Shape and dtype that each input must have. An input that a call leaves out is all 0.
        name: The export's name, for messages.

    Raises:
        ExportError: where ONNX Runtime does not load the model, or its inputs are others.
    """

    def __init__(self, content: bytes, inputs: Mapping[str, tf.TensorSpec], name: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # only what is fatal: errors arrive as exceptions
        try:
            session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises its own private types
            raise ExportError(f"{name}: ONNX Runtime does not load the model: {str(error)[:300]}") from error
        taken = {
            value.name: ([size if isinstance(size, int) else None for size in value.shape], value.type)
            for value in session.get_inputs()
        }
        wanted = {key: (list(spec.shape), TYPES[spec.dtype.name]) for key, spec in inputs.items()}
        if taken != wanted:
            raise ExportError(f"{name}: the converted model's inputs are {taken}, not {wanted}")
        self._session, self._inputs = session, inputs
        self.has_scores = SCORES in {value.name for value in session.get_outputs()}

    def ask(self, values: Mapping[str, np.ndarray]) -> Answers:
        """The answer to one history's inputs, or as many as the model takes at once."""
        rows = len(next(iter(values.values())))
        ids, scores = self._run(["top_prediction_ids", "top_prediction_scores"], values, rows)
        return Answers(ids[:rows], scores[:rows]) if ids.ndim == 2 else Answers(ids, scores)

    def scores(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """The scores of every label, float32 [histories, labels]."""
        (scores,) = self._run([SCORES], values, len(next(iter(values.values()))))
        return np.asarray(scores)

    def _run(self, outputs: list[str], values: Mapping[str, np.ndarray], rows: int) -> list[np.ndarray]:
        feed = {key: _fill(spec, values.get(key), rows) for key, spec in self._inputs.items()}
        arrays: list[np.ndarray] = self._session.run(outputs, feed)
        return arrays


def _fill(spec: tf.TensorSpec, values: np.ndarray | None, rows: int) -> np.ndarray:
    """The values in the shape that the model takes; rows that are not given are 0."""
    filled = np.zeros([rows if size is None else size for size in spec.shape], spec.dtype.as_numpy_dtype)
    if values is not None:
        filled.reshape(-1)[: values.size] = values.reshape(-1)
    return filled
