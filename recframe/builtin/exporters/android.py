"""The assets of TensorFlow's Android sample for recommendation: a config, a model, and lists of movies and genres.

The app does not use tensor names: it passes `int[]` arrays in the order of the interpreter's inputs and reads the
outputs by position. So the model has no batch dimension, and the positions in the config are read from the model file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from recframe import ExportError, ExporterType, hookimpl, option
from recframe.builtin.exporters.android_inputs import GENRE, app_inputs, genre_words, movie_list
from recframe.export import MODEL_MAKER

if TYPE_CHECKING:
    from recframe import ExportContext, ExportedFile, ServingGraph

FOLDER, CONFIG, MODEL = "android", "config.json", "model.tflite"
MOVIES, GENRES = "sorted_movie_vocab.json", "movie_genre_vocab.txt"
SHOWN = 10  # default number of results that the app shows
#: Items that the model returns beyond model.num_predictions. The app removes the movies that its user has chosen, and
#: it cannot ask for more.
SPARE = 100


@frozen
class AndroidOptions:
    """What the app shows."""

    top_k: int | None = option(
        None, ge=1, help=f"Number of results, at most model.num_predictions; none: {SHOWN}, or all if there are fewer."
    )
    favorite_list_size: int = option(100, ge=1, help="Number of popular items from which the app's user chooses.")


def export(options: AndroidOptions, context: ExportContext) -> Sequence[ExportedFile]:
    from recframe import ExportedFile
    from recframe.builtin.exporters.android_places import ask_by_place, read_places
    from recframe.export import checked_model, compare, delivered, require_equal, require_little_lost, write_json

    spec, catalogue, variant = context.spec, context.catalogue, context.spec.export.variants[0]
    name, shown = f"android/{variant}", spec.model.num_predictions
    if options.top_k is not None and options.top_k > shown:
        raise ExportError(f"android: top_k {options.top_k} is more than the {shown} of model.num_predictions")
    names = app_inputs(spec, catalogue)
    genres = genre_words(catalogue, names)
    module = _without_batch(context)
    content, facts, needed = checked_model(module, variant, name)
    places = read_places(content)
    # Tensors are passed by position, as in the app, so that a wrong position in the config is found.
    ask = ask_by_place(content, places)
    figures: dict[str, Any] = compare(context.expected, ask, context.histories)
    if variant == "float32":
        require_equal(name, figures, spec.export.parity_tolerance)
    # First the loss of the model itself; then the metrics of the app, which never shows chosen movies.
    require_little_lost(context, delivered(context, module, ask, None, name), name)
    figures |= delivered(context, module, ask, None, name, drops_history=True)
    config = {
        "model": MODEL,
        "inputs": [
            {"name": names[feature], "index": place, "inputLength": catalogue.features[feature].length}
            for feature, place in sorted(places.inputs.items(), key=lambda pair: pair[1])
        ],
        "outputLength": module.k,
        "topK": options.top_k or min(SHOWN, shown),
        "movieList": MOVIES,
        "genreList": GENRES if GENRE in names.values() else None,
        "pad": 0,
        "unknownGenre": 0,
        "outputIdsIndex": places.ids,
        "outputScoresIndex": places.scores,
        "favoriteListSize": options.favorite_list_size,
    }
    folder = context.folder / FOLDER
    folder.mkdir()
    (folder / MODEL).write_bytes(content)
    write_json(folder / CONFIG, config)
    write_json(folder / MOVIES, movie_list(catalogue, genres))
    if genres:
        (folder / GENRES).write_text("".join(f"{word}\n" for word in genres), encoding="utf-8", newline="\n")
    details = {"ops": facts.ops, "types": list(facts.types), "quantization": variant}
    return [ExportedFile(name, FOLDER, {**figures, "bytes": len(content), "needed_bytes": needed}, details)]


def _without_batch(context: ExportContext) -> ServingGraph:
    """The serving graph with inputs of one dimension, as the app's arrays have, and without optional inputs."""
    spec = context.spec
    export = attrs.evolve(spec.export, batch=MODEL_MAKER, scores_signature=False, exclude_ids=0, allow_ids=0)
    items = int(context.catalogue.known.sum())
    model = attrs.evolve(spec.model, num_predictions=min(spec.model.num_predictions + SPARE, items))
    plain = attrs.evolve(spec, export=export, model=model)
    return context.module.for_spec(plain)


@hookimpl
def recframe_exporters() -> Iterable[ExporterType]:
    summary = "Assets of TensorFlow's Android sample: model, config, lists."
    yield ExporterType("android", summary=summary, options=AndroidOptions, export=export)
