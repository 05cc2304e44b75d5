"""Which variants of a model may be exported: small enough, complete, and nearly as good as the trained model."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from recframe.errors import ExportError
from recframe.export.checks.delivery import delivered, too_much_lost
from recframe.export.checks.parity import compare, require_equal
from recframe.export.graph.serving import SCORES
from recframe.export.litert.flatbuffer.constants import (
    commonest_op,
    float_weights,
    large_constants,
    largest_constants,
)
from recframe.export.litert.flatbuffer.reading import ModelFacts, read_facts, require_builtin
from recframe.export.litert.flatbuffer.slim import slim
from recframe.export.litert.lite import LiteModel, convert, latency
from recframe.export.litert.quantize import needed_bytes
from recframe.plugin.exporting import ExportContext, ServingGraph
from recframe.spec.experiment import VARIANTS, ExportSpec

#: A file, and its constants alone, may exceed what parameters and scales need by this share.
SPARE = 1.05
#: Bytes that a small model may have besides: for shapes among the constants, for the signatures, for each operator, and
#: the most for the graph.
SPARE_BYTES, SIGNATURE_BYTES, OPERATOR_BYTES, GRAPH_BYTES = 8_192, 2_048, 128, 32_768


@frozen(eq=False)
class Variant:
    """A converted model. It has passed every check except, if it was `refused`, that of its quality.

    Attributes:
        figures: Parity, quality and size.
        timings: Latency.
        refused: Why it may not be exported; else empty.
    """

    variant: str
    content: bytes
    facts: ModelFacts
    figures: Mapping[str, Any]
    timings: Mapping[str, float]
    refused: str = ""


def candidates(spec: ExportSpec) -> tuple[str, ...]:
    """The number formats to try, in the order of their files. With a size limit and one variant named: all."""
    return VARIANTS if spec.max_size_kb is not None and len(spec.variants) == 1 else spec.variants


def make_variant(context: ExportContext, variant: str, exporter: str) -> Variant:
    """Convert, check and measure.

    Raises:
        ExportError: where a phone cannot run the file, the file is too large for its parameters, or a float32 model
            does not answer as the trained model does.
    """
    name, spec = f"{exporter}/{variant}", context.spec.export
    content, facts, needed = checked_model(context.module, variant, name)
    model = LiteModel(content)
    figures: dict[str, Any] = compare(context.expected, model.ask, context.histories)
    if variant == "float32":
        require_equal(name, figures, spec.parity_tolerance)
    delivery, refused = measured(context, context.module, name, model)
    del model
    gc.collect()  # an interpreter and its runners refer to each other, and their memory is needed for the latency
    figures |= delivery
    figures |= {"bytes": len(content), "needed_bytes": needed}
    return Variant(variant, content, facts, figures, latency(content, context.histories), refused)


def checked_model(module: ServingGraph, variant: str, name: str) -> tuple[bytes, ModelFacts, int]:
    """A module's file, the facts of its content, and the bytes that its parameters and their scales need.

    Args:
        variant: Number format of the weights.
        name: The file's name in messages.

    Raises:
        ExportError: where a phone cannot run the file, or the file is too large for its parameters.
    """
    content = convert(module, variant, name)
    require_builtin(name, read_facts(content), module.encoders)
    if variant != "float32" and (left := float_weights(content)):
        raise ExportError(f"{name}: {', '.join(left)} stayed float32: look at the encoders ({module.encoders})")
    small = slim(content)
    facts = read_facts(small)
    needed = needed_bytes([tuple(held.shape) for held in module.held], variant)
    if reason := _too_large(needed, module.mask_bytes + _folded_bytes(module, content), facts, content):
        raise ExportError(f"{name}: {reason}; look at the encoders ({module.encoders})")
    return small, facts, needed


def measured(context: ExportContext, module: ServingGraph, name: str, model: LiteModel) -> tuple[dict[str, float], str]:
    """The figures of a LiteRT file on the test targets, and why it may not be exported; else empty.

    Args:
        module: The graph that the model was converted from.
    """
    if context.held_out is None:
        return {}, ""
    scores = model.score if SCORES in module.signatures else None
    figures = delivered(context, module, model.ask, scores, name)
    return figures, too_much_lost(figures, context.held_out, context.spec.export)


def choose(made: Sequence[Variant], spec: ExportSpec, targets: int = 0) -> Variant:
    """The variant that becomes model.tflite: the first, or, with a size limit, the best that fits.

    Args:
        targets: How many test targets recall was measured on.

    Raises:
        ExportError: where no variant may be exported, or, without a size limit, any of them may not.
    """
    if spec.max_size_kb is None:
        for variant in made:
            if variant.refused:
                raise ExportError(f"{variant.variant}: {variant.refused}; nothing exported")
        return made[0]
    fitting = [v for v in made if not v.refused and len(v.content) <= spec.max_size_kb * 1000]
    if not fitting:
        sizes = "; ".join(f"{v.variant} {len(v.content) / 1000:,.1f} KB{v.refused and ', ' + v.refused}" for v in made)
        raise ExportError(f"export.max_size_kb: nothing fits into {spec.max_size_kb:g} KB: {sizes}; nothing exported")
    # One test target more or less is chance: of equals, take the variant that answers most like the trained model.
    enough = max(_recall(v.figures) for v in fitting) - (1.5 / targets if targets else 0)
    best = [v for v in fitting if _recall(v.figures) >= enough]
    return max(best, key=lambda v: (v.figures["overlap"], -len(v.content)))


def _recall(figures: Mapping[str, Any]) -> float:
    return float(next((value for name, value in figures.items() if name.startswith("recall@")), figures["overlap"]))


def _folded_bytes(module: ServingGraph, content: bytes) -> int:
    """Bytes of what the converter computes once of weights and positions, such as a kernel [history, history, width].

    A plugin cannot avoid it. Such a constant has no more elements than that kernel. One that is as large as a parameter
    may be its copy, and does not count.
    """
    shapes = [tuple(held.shape) for held in module.held]
    history = max(spec.shape[1 if module.batched else 0] for spec in module.features.values())
    largest = history**2 * max(shape[-1] for shape in shapes if len(shape) > 1)
    of_parameters = {int(np.prod(shape, dtype=np.int64)) for shape in shapes}
    return sum(
        size for elements, size in large_constants(content) if elements <= largest and elements not in of_parameters
    )


def _too_large(needed: int, others: int, facts: ModelFacts, named: bytes) -> str:
    """Why a file is too large for its parameters; else empty.

    Args:
        needed: Bytes of the parameters and their scales.
        others: Bytes of constants that are not parameters and must be there.
        named: The file before its tensors lose the names of their layers.
    """
    limit, size = SPARE * needed + others, facts.constants + facts.graph
    if facts.constants > limit + SPARE_BYTES:
        return (
            f"its constants take {facts.constants:,} bytes, and the parameters and their scales {needed:,}: something "
            f"is stored twice or unquantized; the largest are {largest_constants(named)}"
        )
    operators = sum(facts.ops.values())
    graph = min(SIGNATURE_BYTES + OPERATOR_BYTES * operators, GRAPH_BYTES)
    if size > limit and facts.graph > graph:
        return (
            f"the file takes {size:,} bytes, and the parameters and their scales {needed:,}: its graph of "
            f"{operators:,} operators takes {facts.graph:,}; most are {commonest_op(named)}"
        )
    return ""
