"""A matrix product over shifted copies is the convolution."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings, strategies as st

from recframe.builtin.encoders.cnn_layer import CnnEncoder


@settings(max_examples=25, deadline=None)
@given(kernel=st.integers(1, 6), stride=st.integers(1, 4), more=st.integers(0, 9), seed=st.integers(0, 2**31))
def test_it_is_what_keras_computes(kernel: int, stride: int, more: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layer = CnnEncoder([5], kernel, stride)
    layer.build((None, kernel + more, 3))
    convolution = layer.convolutions[0]
    for weight in convolution.weights:
        weight.assign(rng.normal(size=weight.shape))
    steps = tf.constant(rng.normal(size=(2, kernel + more, 3)), tf.float32)
    product = layer._as_one_product(steps, convolution, None)
    np.testing.assert_allclose(product, convolution(steps), rtol=1e-5, atol=1e-5)
