"""Inputs and outputs by position, for an app that does not use tensor names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import quiet_native_output

if TYPE_CHECKING:
    import numpy as np

    from recframe import Answers


@frozen
class Places:
    """Positions of the inputs, by feature, and of the outputs, in the interpreter's lists."""

    inputs: Mapping[str, int]
    ids: int
    scores: int


def read_places(content: bytes) -> Places:
    """Read the positions from a model file. The converter chooses them, in an order of its own."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet_native_output():
        interpreter = Interpreter(model_content=content, num_threads=1)
        runner = interpreter.get_signature_runner("serving_default")
        inputs, outputs = runner.get_input_details(), runner.get_output_details()
        input_details, answered = interpreter.get_input_details(), interpreter.get_output_details()
    return Places(
        {name: _place(input_details, details) for name, details in inputs.items()},
        _place(answered, outputs["top_prediction_ids"]),
        _place(answered, outputs["top_prediction_scores"]),
    )


def _place(listed: Sequence[Mapping[str, Any]], details: Mapping[str, Any]) -> int:
    return [tensor["index"] for tensor in listed].index(details["index"])


def ask_by_place(content: bytes, places: Places) -> Callable[[Mapping[str, np.ndarray]], Answers]:
    """A function that runs the model on the inputs of one history, by position, as the app does."""
    from ai_edge_litert.interpreter import Interpreter

    from recframe import Answers

    with quiet_native_output():
        interpreter = Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()

    def ask(values: Mapping[str, np.ndarray]) -> Answers:
        for name, place in places.inputs.items():
            interpreter.set_tensor(inputs[place]["index"], values[name].reshape(-1))
        interpreter.invoke()
        ids, scores = (interpreter.get_tensor(outputs[place]["index"]) for place in (places.ids, places.scores))
        return Answers(ids, scores)

    return ask
