"""Conversion to LiteRT, and asking the converted model."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import tensorflow as tf

from recframe.errors import ExportError
from recframe.export.graph.serving import ALLOW, ANSWER, EXCLUDE, SCORES
from recframe.export.litert.flatbuffer.packing import pack
from recframe.export.litert.flatbuffer.reading import add_signature, hold_inputs, merge, parse
from recframe.export.litert.quantize import quantized
from recframe.plugin.exporting import Answers, ServingGraph
from recframe.process.native_output import quiet_native_output

Inputs = Mapping[str, np.ndarray]

#: Tables of at least so many rows are kept from the converter.
MANY_ROWS = 100_000
#: What such a table is called as an input.
_TABLE = "large_table_"
#: The float32 models by signatures, kept because a conversion takes seconds and a change of number format does not.
_converted: WeakKeyDictionary[ServingGraph, dict[tuple[str, ...], bytes]] = WeakKeyDictionary()


def convert(module: ServingGraph, variant: str, name: str, signatures: tuple[str, ...] | None = None) -> bytes:
    """The flatbuffer of the module, builtin ops only.

    Args:
        variant: The number format of the weights, one of `recframe.spec.experiment.VARIANTS`.
        name: The model's name in messages.
        signatures: The signatures to convert; None: all of the module.

    Raises:
        ExportError: with the converter's reason, where an op has no builtin form.
    """
    chosen = signatures or module.signatures
    kept = _converted.setdefault(module, {})
    if chosen not in kept:
        kept[chosen] = _convert(module, name, chosen)
    return quantized(kept[chosen], variant, module.products)


def _convert(module: ServingGraph, name: str, signatures: tuple[str, ...]) -> bytes:
    tables = {f"{_TABLE}{place}": table for place, table in enumerate(module.tables_of(MANY_ROWS))}
    values = {name: np.asarray(table) for name, table in tables.items()}  # copies, which the signatures share
    with quiet_native_output():
        # One by one: the converter orders several signatures as it likes, and an app that asks for no signature runs
        # the first graph.
        first, *others = (_convert_signature(module, key, name, tables, values) for key in signatures)
    for other in others:
        merge(first, other)
    return pack(first)


def _convert_signature(
    module: ServingGraph, signature: str, name: str, tables: Mapping[str, Any], values: Inputs
) -> Any:
    """The model of one signature, as `parse` gives it.

    A traced function with frozen variables converts several times faster than a SavedModel, into the same graph. The
    converter keeps the order of inputs and outputs, which `tf.nest` sorts by name, but it drops the signature, so the
    signature is added here. The converter copies each constant ten times. So large tables are inputs of the traced
    function, and become constants here.

    Args:
        tables, values: The variables of the large tables, and their values, by the names that they have as inputs.
    """
    traced = module.concrete_on(tables, signature) if tables else module.concrete(signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    try:
        model = parse(converter.convert())
    except Exception as error:  # the converter raises its own private types
        raise ExportError(
            f"{name}: the model does not convert to builtin ops: {_reason(str(error), traced)}; look at the encoders "
            f"({module.encoders})"
        ) from error
    inputs = sorted(traced.structured_input_signature[1])
    hold_inputs(model, {inputs.index(name): table for name, table in values.items()})
    add_signature(model, signature, [name for name in inputs if name not in tables], sorted(traced.structured_outputs))
    return model


def _reason(message: str, traced: Any) -> str:
    """The ops without a builtin form, each with its layer; if the message names none, its first line with an error."""
    missing = sorted(set(re.findall(r"'tf\.(\w+)' op is neither a custom op nor a flex op", message)))
    if not missing:
        lines = [line.strip() for line in message.splitlines()]
        return next((line.partition("error:")[2].strip() for line in lines if "error:" in line), message[:300])
    layers = {op.type: op.name for op in reversed(traced.graph.get_operations())}
    places = [f"{kind} (at {layers[kind]})" if kind in layers else kind for kind in missing]
    return f"LiteRT has no {', '.join(places)}"


def _interpreter(content: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_content=content, num_threads=1)


class _Runner:
    """One signature of a model, called with any number of rows up to its batch."""

    def __init__(self, interpreter: Any, signature: str) -> None:
        with quiet_native_output():
            self._run = interpreter.get_signature_runner(signature)
            details = self._run.get_input_details()
            self._shapes = {name: tuple(abs(size) for size in spec["shape"]) for name, spec in details.items()}
            self._zeros = {name: np.zeros(self._shapes[name], spec["dtype"]) for name, spec in details.items()}
            # The first call prepares the graph and prints messages, which are silenced here.
            self._run(**self._zeros)

    def rows(self, inputs: Inputs) -> int:
        """How many histories a call takes."""
        name, values = next(iter(inputs.items()))
        shape = self._shapes[name]
        return shape[0] if len(shape) == values.ndim else 1

    def __call__(self, inputs: Inputs) -> dict[str, np.ndarray]:
        """The outputs for `rows` histories or fewer. A list of ids that is not among the inputs is empty.

        Raises:
            KeyError: for an input that the model does not have, or a feature that is missing.
        """
        if missing := self._zeros.keys() - inputs.keys() - {EXCLUDE, ALLOW}:
            raise KeyError(f"{', '.join(sorted(missing))}: not given")
        filled = dict(self._zeros)
        for name, values in inputs.items():
            if values.size < filled[name].size:
                filled[name][:] = 0
                filled[name][: len(values)] = values
            else:
                filled[name] = values.reshape(self._shapes[name])
        outputs: dict[str, np.ndarray] = self._run(**filled)
        return outputs


class LiteModel:
    """A converted model, asked by any thread. Of a large one an interpreter takes several times the file's size, so the
    signatures share the one that each thread has."""

    def __init__(self, content: bytes) -> None:
        self._content, self._own = content, threading.local()

    def runner(self, signature: str) -> _Runner:
        """What runs a signature in this thread."""
        if not hasattr(self._own, "interpreter"):
            self._own.interpreter, self._own.runners = _interpreter(self._content), {}
        runners: dict[str, _Runner] = self._own.runners
        if signature not in runners:
            runners[signature] = _Runner(self._own.interpreter, signature)
        return runners[signature]

    def ask(self, inputs: Inputs) -> Answers:
        """The model's answers to one history's inputs, or as many as the model takes at once."""
        answer = self.runner(ANSWER)(inputs)
        return Answers(answer["top_prediction_ids"], answer["top_prediction_scores"])

    def score(self, inputs: Inputs) -> np.ndarray:
        """All scores by the `scores` signature, float32 [rows, labels], for any number of rows."""
        run = self.runner(SCORES)
        count, step = len(next(iter(inputs.values()))), run.rows(inputs)
        parts = []
        for at in range(0, count, step):
            part = {name: values[at : at + step] for name, values in inputs.items()}
            scores = run(part)["scores"]
            parts.append(scores.reshape(-1, scores.shape[-1])[: min(step, count - at)])
        return np.concatenate(parts)


def ask_lite(content: bytes) -> Callable[[Inputs], Answers]:
    """`LiteModel.ask` of a file, which is opened now.

    Raises:
        ValueError: where it is no model, or has no such signature.
    """
    model = LiteModel(content)
    model.runner(ANSWER)
    return model.ask


def latency(content: bytes, histories: Inputs, calls: int = 300) -> dict[str, float]:
    """Microseconds of a call on one thread, the median and the 99th of 100, without filling and reading the tensors."""
    interpreter = _interpreter(content)
    with quiet_native_output():
        interpreter.allocate_tensors()
    places = {_input_name(input_details): input_details for input_details in interpreter.get_input_details()}
    rows, seconds = len(next(iter(histories.values()))), []
    for call in range(calls + 20):
        for name, values in histories.items():
            shape = tuple(abs(size) for size in places[name]["shape"])
            interpreter.set_tensor(places[name]["index"], np.resize(values[call % rows], shape))
        start = time.perf_counter()
        interpreter.invoke()
        seconds.append(time.perf_counter() - start)
    taken = np.sort(seconds[20:]) * 1e6  # the first calls warm the caches
    return {"p50_us": float(np.percentile(taken, 50)), "p99_us": float(np.percentile(taken, 99))}


def _input_name(details: Mapping[str, Any]) -> str:
    """`serving_default_item:0` is the feature `item`."""
    name: str = details["name"]
    return name.removeprefix(f"{ANSWER}_").rpartition(":")[0] or name
