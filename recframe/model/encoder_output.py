"""Checks what an encoder returns, and names its code where that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from recframe.errors import PluginError
from recframe.plugin.origin import refusal
from recframe.plugin.types import EncoderType


def require_vectors(encoder: EncoderType, layer: keras.Layer, output: Any, causal: bool) -> tf.Tensor:
    """Return what a layer returned, if the model can read it.

    Raises:
        PluginError: if not. The message names the encoder, its plugin, its code, and what is expected.
    """
    if not isinstance(output, tf.Tensor | np.ndarray):
        raise broken(encoder, layer, f"returns a {type(output).__name__}: {expected(causal, 'one float32 tensor')}")
    vectors = tf.convert_to_tensor(output)
    if vectors.shape.rank != (3 if causal else 2) or vectors.dtype != tf.float32:
        got = f"{vectors.dtype.name} {'of an unknown shape' if vectors.shape.rank is None else list(vectors.shape)}"
        raise broken(encoder, layer, f"returns {got}: {expected(causal)}")
    return vectors


def expected(causal: bool, what: str = "float32") -> str:
    """What an encoder must return, as a message says it."""
    if causal:
        return f"a causal encoder must return {what} [batch, length, units]"
    return f"an encoder that is not causal must return {what} [batch, units]"


def broken(encoder: EncoderType, layer: keras.Layer, fault: str) -> PluginError:
    """The error for an encoder whose layer breaks the contract."""
    return refusal(encoder, fault, code_of(encoder, layer))


def code_of(encoder: EncoderType, layer: keras.Layer) -> Callable[..., Any]:
    """The `call` of a plugin's own layer; `build` if the layer is another's, such as one of Keras."""
    own = encoder.origin is not None and type(layer).__module__.partition(".")[0] == encoder.origin.package
    code: Callable[..., Any] = type(layer).call if own else encoder.build
    return code
