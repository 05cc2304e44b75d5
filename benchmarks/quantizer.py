"""int4 as recframe writes it, and as ai-edge-quantizer's recipes do, from the same float32 model.

pip install ai-edge-quantizer
python -m benchmarks.quantizer RUN...     a table of finished runs
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.exports import context_of, title_of
from recframe import load_run
from recframe.export.checks.gate import checked_model, measured
from recframe.export.litert.flatbuffer.packing import pack
from recframe.export.litert.flatbuffer.reading import parse
from recframe.export.litert.lite import LiteModel, convert
from recframe.plugin.exporting import ExportContext

#: One scale a row; one for every 32 values of a row.
RECIPES = ("dynamic_wi4_afp32", "dynamic_wi4b32_afp32")


def models(context: ExportContext) -> Iterator[tuple[str, bytes]]:
    from ai_edge_quantizer import quantizer, recipe

    yield "recframe", checked_model(context.module, "int4", "tflite/int4")[0]
    named = parse(convert(context.module, "float32", "tflite/float32"))
    for number, graph in enumerate(named.subgraphs):
        for place, tensor in enumerate(graph.tensors):  # the quantizer tells tensors by their names
            tensor.name = f"{(tensor.name or b'').decode()} {number} {place}".encode()
    for name in RECIPES:
        with contextlib.redirect_stdout(io.StringIO()):  # it reports sizes of its own
            made = bytes(quantizer.Quantizer(pack(named), getattr(recipe, name)()).quantize().quantized_model)
        yield name, made


def main(folders: list[str]) -> None:
    print("| encoder | int4 by | KB | top 10 kept | recall@10 | lost |")
    print("|---|---|--:|--:|--:|--:|")
    for folder in folders:
        run = load_run(Path(folder))
        with tempfile.TemporaryDirectory() as made:
            context = context_of(run, Path(made))
            assert context.held_out is not None
            recall = next(metric for metric in context.held_out.trained if metric.startswith("recall"))
            for name, content in models(context):
                figures, _ = measured(context, context.module, name, LiteModel(content))
                print(
                    f"| {title_of(run)} | {name} | {len(content) / 1000:,.0f} | {figures['overlap']:.1%} "
                    f"| {figures[recall]:.4f} | {figures[f'{recall}_drop']:.1%} |",
                    flush=True,
                )


if __name__ == "__main__":
    try:
        import ai_edge_quantizer  # noqa: F401
    except ImportError:
        sys.exit("benchmarks.quantizer: needs ai-edge-quantizer: pip install ai-edge-quantizer")
    main(sys.argv[1:])
