"""A page that recommends in the browser, for recframe: `recframe exporters=[tflite,web]`, then `recframe demo RUN`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

import recframe

if TYPE_CHECKING:
    from recframe import ExportContext, ExportedFile

FOLDER = "web"


@frozen
class WebOptions:
    """The options of `exporters=[{type: web}]`."""

    title: str = recframe.option("What next?", help="Heading of the page.")
    fields: tuple[str, ...] | None = recframe.option(
        None, help="Columns of the items shown below a title; none: the first two that say something of their own."
    )


def export(options: WebOptions, context: ExportContext) -> Sequence[ExportedFile]:
    from recframe import ExportedFile
    from recframe.export import (
        SCORES,
        LiteModel,
        compare,
        delivered,
        measured,
        read_facts,
        require_equal,
        require_little_lost,
    )
    from recframe_web.content import page_data, write_data
    from recframe_web.model import served_model
    from recframe_web.site import require_vendored, write_site

    require_vendored()
    model = served_model(context)
    name, asked = f"web/{model.variant}", LiteModel(model.content)
    figures: dict[str, Any] = compare(context.expected, asked.ask, context.histories)
    if model.variant == "float32":
        require_equal(name, figures, context.spec.export.parity_tolerance)
    # What the model itself loses, and what the page delivers: it knows nothing of events and users.
    require_little_lost(context, measured(context, model.module, name, asked)[0], name)
    scores = asked.score if SCORES in model.module.signatures else None
    figures |= delivered(context, model.module, asked.ask, scores, name, items_alone=True)
    folder = context.folder / FOLDER
    folder.mkdir()
    (folder / "model.tflite").write_bytes(model.content)
    write_data(folder / "data.json", page_data(options.title, options.fields, context, model.module, asked.ask))
    write_site(folder, options.title)
    details = {"ops": read_facts(model.content).ops, "quantization": model.variant}
    return [ExportedFile(name, FOLDER, {**figures, "bytes": len(model.content)}, details)]


web = recframe.ExporterType(
    "web", summary="Page that recommends in the browser, offline.", options=WebOptions, export=export
)


@recframe.hookimpl
def recframe_exporters() -> Iterable[recframe.ExporterType]:
    yield web


def _demo(words: list[str]) -> int:
    from recframe_web.demo import run

    return run(words)


@recframe.hookimpl
def recframe_commands() -> Iterable[recframe.CommandType]:
    yield recframe.CommandType(
        "demo",
        summary="try it in the browser, on a page that anyone can host",
        usage="demo RUN [--port N] [--no-browser]",
        run=_demo,
    )
