"""Size, latency and quality of exported models, and how long it takes to ask about the whole test set.

python benchmarks/exports.py            an untrained model of MovieLens-1M's shape
python benchmarks/exports.py RUN...     the models of finished runs, exported anew in memory: a table for the README
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import attrs

import recframe
from recframe import Run
from recframe.errors import ExportError
from recframe.export.checks.gate import make_variant, measured
from recframe.export.context import make_context
from recframe.export.histories.parity_histories import parity_histories
from recframe.export.litert.lite import LiteModel
from recframe.model.dual_encoder import build_model
from recframe.plugin.exporting import ExportContext
from recframe.plugin.manager import load_plugins
from recframe.runs.data import load_data
from recframe.spec.experiment import VARIANTS

OF_1M = ["encoder=bow", "dataset.users=6040", "dataset.items=3416", "dataset.events_per_user=165", "model.width=32"]


def untrained() -> Run:
    spec, registries = recframe.compose(OF_1M), load_plugins()
    data = load_data(spec, registries, lambda note: None)
    return Run(spec, registries, data, build_model(spec, registries, data.features, data.num_labels), None)


def context_of(run: Run, folder: Path) -> ExportContext:
    """What an exporter is given of a run, with no limit on what a variant may lose."""
    export = attrs.evolve(run.spec.export, max_recall_drop=1.0)
    trained = attrs.evolve(run.trained, spec=attrs.evolve(run.spec, export=export))
    return make_context(trained, attrs.evolve(parity_histories(trained, run.data), of_apps=None), folder)


def title_of(run: Run) -> str:
    return ", ".join(encoder.type for encoder in run.spec.encoders.values())


def show(name: str, run: Run) -> None:
    with tempfile.TemporaryDirectory() as folder:
        context = context_of(run, Path(folder))
        assert context.held_out is not None
        recall = next(metric for metric in context.held_out.trained if metric.startswith("recall"))
        for variant in VARIANTS:
            try:
                made = make_variant(context, variant, "tflite")
            except ExportError as error:
                print(f"| {name} | {variant} | {error} |")
                continue
            start = time.perf_counter()
            measured(context, context.module, variant, LiteModel(made.content))
            seconds, figures = time.perf_counter() - start, made.figures
            print(
                f"| {name} | {variant} | {figures['bytes'] / 1000:,.0f} "
                f"| {figures['bytes'] / figures['needed_bytes'] - 1:.1%} | {figures['overlap']:.1%} "
                f"| {figures[recall]:.4f} | {figures[f'{recall}_drop']:.1%} "
                f"| {made.timings['p50_us']:.0f} | {made.timings['p99_us']:.0f} | {seconds:.2f} |",
                flush=True,
            )


def main(folders: list[str]) -> None:
    print("| encoder | variant | KB | above need | top 10 kept | recall@10 | lost | p50 µs | p99 µs | test set, s |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for folder in folders:
        run = recframe.load_run(Path(folder))
        show(title_of(run), run)
    if not folders:
        show("bow, 6,040 users", untrained())


if __name__ == "__main__":
    main(sys.argv[1:])
