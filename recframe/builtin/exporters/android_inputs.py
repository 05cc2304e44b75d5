"""The inputs that the Android sample can provide, and its lists of movies and genres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from recframe import ExportError

if TYPE_CHECKING:
    from recframe import Catalogue, ExperimentSpec, FeatureInfo

MOVIE, GENRE = "movieFeature", "genreFeature"
#: The app's name of an input, for each source of a feature.
NAMES: Mapping[str, str] = {"item": MOVIE, "genres": GENRE}
UNKNOWN_GENRE = "UNK"


def app_inputs(spec: ExperimentSpec, catalogue: Catalogue) -> dict[str, str]:
    """The app's name of each input of the model, by feature.

    Raises:
        ExportError: The app has no values for an input, or the input has other ids than the app.
    """
    inputs_by_name = {}
    for group_name, group in spec.groups.items():
        for name, feature in group.features.items():
            info = catalogue.features[name]
            if group.scope != "history":
                what = {"user": "the user", "now": "the moment of asking"}[group.scope]
                raise _refusal(name, f"describes {what} (group {group_name!r})")
            if feature.source not in NAMES:
                raise _refusal(name, f"has the source {feature.source!r}")
            if info.values is not None or info.statistics:
                raise _refusal(name, "pools the values of a step, or hashes them")
            if info.vocabulary is None:
                raise _refusal(name, f"reads the source {feature.source!r} as {info.dtype} numbers, not as ids")
            if feature.source == "item" and not _has_label_ids(info, catalogue):
                raise ExportError(
                    f"android: input {name!r}: the app passes label ids, but the input has another vocabulary than the "
                    "label; make them equal"
                )
            inputs_by_name[name] = NAMES[feature.source]
    return inputs_by_name


def _refusal(name: str, what: str) -> ExportError:
    return ExportError(
        f"android: input {name!r} {what}, but the app has only the chosen movies (source 'item') and their genres "
        f"(source 'genres'); train a model without {name!r}, or correct its source"
    )


def _has_label_ids(info: FeatureInfo, catalogue: Catalogue) -> bool:
    """Whether the feature's ids are label ids. Ids beyond the shorter of the two vocabularies are unknown."""
    pairs = zip((info.vocabulary or ())[1:], catalogue.labels[1:], strict=False)
    return all(value == label for value, label in pairs)


def genre_words(catalogue: Catalogue, names: Mapping[str, str]) -> list[str]:
    """The lines of the app's genre list; the first is for unknown genres. Empty if no input reads genres.

    Args:
        names: The app's name of each input.

    Raises:
        ExportError: Two inputs have different ids for genres, a genre contains a line break, or no item has a genre of
            the vocabulary.
    """
    readers = [name for name, app_name in names.items() if app_name == GENRE]
    if not readers:
        return []
    vocabularies = [catalogue.features[name].vocabulary or () for name in readers]
    if len(set(vocabularies)) > 1:
        raise ExportError(
            f"android: inputs {', '.join(readers)}: the app has one list of genres, but the vocabularies of these "
            "inputs differ; make them equal"
        )
    words = list(vocabularies[0])
    while words and not words[-1]:  # unused ids at the end of a vocabulary
        words.pop()
    if bad := next((word for word in words if "\n" in word or "\r" in word), None):
        raise ExportError(f"android: input {readers[0]!r}: the genre {bad!r} contains a line break; rename it")
    listed = {genre for value in catalogue.shown.get("genres", ()) for genre in _split(value, frozenset(words))}
    if not listed & set(words[1:]):
        raise ExportError(
            f"android: input {readers[0]!r}: its vocabulary has none of the items' genres, so the app could not pass "
            "any; add the genres to the items, or give the feature the vocabulary file of its ids"
        )
    if words[0] == "" and UNKNOWN_GENRE not in words:
        words[0] = UNKNOWN_GENRE  # a text editor may remove an empty first line
    return words


def movie_list(catalogue: Catalogue, words: Iterable[str]) -> list[dict[str, Any]]:
    """The items by falling count, then by id, with what the app displays and with their label id.

    Args:
        words: The genres in the model's vocabulary.
    """
    from recframe import text_of

    known_words, shown = frozenset(words), catalogue.shown
    titles, genres, counts = (shown.get(name) for name in ("title", "genres", "count"))
    movies = []
    for label in catalogue.known.nonzero()[0].tolist():
        # The item's number of ratings if the data has it; else its number of training events.
        count = counts[label] if counts is not None else None
        movies.append(
            {
                "id": label,
                "title": text_of(titles[label]) if titles and titles[label] else catalogue.labels[label],
                "genres": _split(genres[label], known_words) if genres else [],
                "count": int(catalogue.counts[label] if count in (None, "") else count),
                **({"raw_id": catalogue.labels[label]} if catalogue.labels[label] != str(label) else {}),
            }
        )
    return sorted(movies, key=lambda movie: -movie["count"])


def _split(value: Any, words: frozenset[str]) -> list[str]:
    """An item's genres, from a list or from a text with `|` between them. A text that is a genre is not split."""
    from recframe import text_of

    if value is None:
        return []
    if isinstance(value, str):
        return [value] if value in words else [word for word in value.split("|") if word]
    return [text_of(word) for word in value]
