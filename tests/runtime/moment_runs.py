"""Runs whose model reads the moment of asking, with drawn weights in place of training."""

from __future__ import annotations

import numpy as np

import recframe
from recframe import Run
from recframe.data.prepare import prepare
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model

GROUPS = (
    "groups.now={scope:now,features:{hour:{type:int},day:{type:string,source:weekday},noon:{type:float,source:hour},"
    "gap:{type:float,source:time_since_previous,scale:log},pause:{type:buckets,source:time_since_previous,buckets:4}}}"
)
SMALL = ("model.history_length=5", "model.num_predictions=7", "model.width=8", "export.parity_histories=20")
NOW = ("hour", "day", "noon", "gap", "pause")


def _interactions() -> Interactions:
    rng = np.random.default_rng(5)
    return Interactions.from_columns(
        rng.integers(0, 25, 700),
        rng.integers(0, 40, 700),
        rng.integers(1_500_000_000, 1_600_000_000, 700),
        {"id": np.arange(40) + 100, "title": np.array([f"Item {i}" for i in range(40)])},
    )


def moment_run(*overrides: str) -> Run:
    spec, registries = recframe.compose([GROUPS, *SMALL, *overrides]), recframe.load_plugins()
    data = prepare(spec, registries, _interactions())
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return Run(spec, registries, data, model, None)
