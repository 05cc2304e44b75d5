"""The only module that knows the LiteRT interpreter, which is installed under one of two names.

An interpreter runs one call at a time, either by signature or by tensor. So each of the classes below has its own
interpreter, and a lock that is free after a fork.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from recframe.process.fork_safe import fork_safe_lock
from recframe.process.native_output import quiet_native_output
from recframe.runtime.answers import BundleError


class FirstGraph:
    """A model's first graph, that of its first signature, called by the names of its inputs and outputs.

    It sets tensors by index: a call of 100 us would take about 10 us more through `Signature`.

    Args:
        content: The .tflite file.
        path: The model's path in messages.

    Raises:
        BundleError: where no interpreter is installed, or the interpreter cannot run the model.

    Attributes:
        takes: The shape of each input, -1 for any size, and the name of its dtype.
    """

    def __init__(self, content: bytes, signature: str, path: str) -> None:
        self._lock = fork_safe_lock()
        with _named_in_errors(path):
            self._interpreter = _open(content)
            runner = self._interpreter.get_signature_runner(signature)
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
            # While the runner exists, the interpreter refuses to be called by tensor.
            del runner
            self._inputs: dict[str, int] = {name: details["index"] for name, details in inputs.items()}
            self._outputs: dict[str, int] = {name: details["index"] for name, details in outputs.items()}
            self._shapes = {name: tuple(details["shape"].tolist()) for name, details in inputs.items()}
            self.takes = {
                name: (tuple(details["shape_signature"].tolist()), np.dtype(details["dtype"]).name)
                for name, details in inputs.items()
            }
            self._any_size = any(-1 in details["shape_signature"] for details in inputs.values())
            self._interpreter.allocate_tensors()
            # The first call prepares the graph and prints messages, which are silenced here.
            self(**{name: np.zeros(self._shapes[name], details["dtype"]) for name, details in inputs.items()})

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The outputs by name, for all the inputs by name."""
        if inputs.keys() != self._inputs.keys():
            raise BundleError(f"the model takes {', '.join(self._inputs)}, and was given {', '.join(inputs)}")
        interpreter = self._interpreter
        with self._lock:
            if self._any_size:
                self._resize({name: values.shape for name, values in inputs.items()})
            for name, values in inputs.items():
                interpreter.set_tensor(self._inputs[name], values)
            interpreter.invoke()
            return {name: interpreter.get_tensor(index) for name, index in self._outputs.items()}

    def _resize(self, shapes: dict[str, tuple[int, ...]]) -> None:
        if shapes == self._shapes:
            return
        for name, shape in shapes.items():
            self._interpreter.resize_tensor_input(self._inputs[name], shape, strict=True)
        self._interpreter.allocate_tensors()
        self._shapes = shapes


class Signature:
    """Any signature of a model. It is called as FirstGraph is, and raises the same errors."""

    def __init__(self, content: bytes, name: str, path: str) -> None:
        self._lock = fork_safe_lock()
        with _named_in_errors(path):
            self._run = _open(content).get_signature_runner(name)
            details = self._run.get_input_details()
            self._run(**{name: np.zeros(spec["shape"], spec["dtype"]) for name, spec in details.items()})

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        with self._lock:
            outputs: dict[str, np.ndarray] = self._run(**inputs)
        return outputs


@contextlib.contextmanager
def _named_in_errors(path: str) -> Iterator[None]:
    try:
        with quiet_native_output():
            yield
    except (RuntimeError, ValueError) as error:
        raise BundleError(f"{path}: the LiteRT that is installed cannot run it: {error}") from error


def _open(content: bytes) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        try:
            from tensorflow.lite import Interpreter
        except ImportError:
            raise BundleError("no LiteRT interpreter: pip install 'recframe[runtime]'") from None
    return Interpreter(model_content=content, num_threads=1)
