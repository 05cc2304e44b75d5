"""Small bundles of a model with drawn weights in place of training."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np

import recframe
from recframe import Run
from recframe.data.prepare import prepare
from recframe.model.dual_encoder import build_model
from recframe.plugin.types import DatasetContext
from recframe.spec.experiment import AUTO

ITEMS, STEPS, K = 40, 6, 5
SMALL = (
    "dataset.users=60",
    f"dataset.items={ITEMS}",
    "dataset.events_per_user=9",
    "model.width=8",
    f"model.history_length={STEPS}",
    f"model.num_predictions={K}",
    "export.parity_histories=20",
    "export.golden_examples=4",
)


def export(folder: Path, *overrides: str) -> Path:
    """A bundle; the overrides are of `export`, `exporters` and `exclude_seen`, so that all bundles are of one model."""
    run = _run()
    spec = recframe.compose([*SMALL, *overrides])
    excluded = run.data.exclude_seen if spec.exclude_seen == AUTO else spec.exclude_seen
    data = attrs.evolve(run.data, seen=attrs.evolve(run.data.seen, excluded=excluded))
    return attrs.evolve(run, spec=spec, data=data).export(folder)


@functools.cache
def _run() -> Run:
    spec, registries = recframe.compose(SMALL), recframe.load_plugins()
    load = registries.datasets[spec.dataset.type].load
    data = prepare(spec, registries, load(spec.dataset.options, DatasetContext(spec.seed, Path())))
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return Run(spec, registries, data, model, None)


def scores_of(folder: Path, model: str = "model.tflite") -> Callable[..., np.ndarray]:
    """The model's `scores` signature, asked without recframe: inputs to [rows, labels]."""
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(model_path=str(folder / model)).get_signature_runner("scores")
    return lambda **inputs: run(**inputs)["scores"]


def seal(folder: Path) -> None:
    """Give the manifest the digests that it would have if it had been written as it stands, computed plainly."""
    path = folder / "manifest.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(value, dict):
        value.pop("sha256", None)
        plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        value["sha256"] = hashlib.sha256(plain.encode()).hexdigest()
        path.write_text(json.dumps(value), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.sha256").write_text(f"{digest}  manifest.json\n", encoding="utf-8")


def rewrite(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    """Change a JSON file of a bundle, and what the manifest says of it, so that only a look at the content tells."""
    path = folder / name
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")
    if name == "manifest.json":
        seal(folder)
    else:
        content = path.read_bytes()
        facts = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        rewrite(folder, "manifest.json", lambda manifest: manifest["files"].update({name: facts}))
