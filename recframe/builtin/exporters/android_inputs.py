"""What the Android sample can feed a model, and the lists that it looks movies and genres up in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from recframe import ExportError

if TYPE_CHECKING:
    from recframe import Catalogue, ExperimentSpec, FeatureInfo

MOVIE, GENRE = "movieFeature", "genreFeature"
#: The app's name of an input, by the source of the feature.
NAMES: Mapping[str, str] = {"item": MOVIE, "genres": GENRE}
UNKNOWN_GENRE = "UNK"


def app_inputs(spec: ExperimentSpec, catalogue: Catalogue) -> dict[str, str]:
    """The app's name of each of the model's inputs, by feature.

    Raises:
        ExportError: for an input that the app has no values for, or whose ids are not those that it has.
    """
    inputs_by_name = {}
    for group_name, group in spec.groups.items():
        for name, feature in group.features.items():
            info = catalogue.features[name]
            if group.scope == "user":
                raise _refusal(name, f"describes the user (group {group_name!r})")
            if feature.source not in NAMES:
                raise _refusal(name, f"has the source {feature.source!r}")
            if info.values is not None or info.statistics:
                raise _refusal(name, "pools the values of a step, or hashes them")
            if info.vocabulary is None:
                raise _refusal(name, f"takes the source {feature.source!r} as {info.dtype} numbers and not as ids")
            if feature.source == "item" and not _has_label_ids(info, catalogue):
                what = "its vocabulary differs from the label's"
                raise ExportError(
                    f"android: input {name!r}: {what}, and the app gives it label ids; make them the same"
                )
            inputs_by_name[name] = NAMES[feature.source]
    return inputs_by_name


def _refusal(name: str, what: str) -> ExportError:
    return ExportError(
        f"android: input {name!r} {what}, and the app knows only the chosen movies (source 'item') and their genres "
        f"(source 'genres'); train a model without {name!r}, or correct its source"
    )


def _has_label_ids(info: FeatureInfo, catalogue: Catalogue) -> bool:
    """Whether each id of the feature stands for the item of that label id. Ids beyond the shorter one are unknown."""
    pairs = zip((info.vocabulary or ())[1:], catalogue.labels[1:], strict=False)
    return all(value == label for value, label in pairs)


def genre_words(catalogue: Catalogue, names: Mapping[str, str]) -> list[str]:
    """The lines of the app's genre list, of which the first is for unknown; empty where no input reads genres.

    Args:
        names: The app's name of each input.

    Raises:
        ExportError: where two inputs number genres differently, a word cannot be a line, or the items' genres are
            not known.
    """
    readers = [name for name, app_name in names.items() if app_name == GENRE]
    if not readers:
        return []
    vocabularies = [catalogue.features[name].vocabulary or () for name in readers]
    if len(set(vocabularies)) > 1:
        raise ExportError(f"android: inputs {', '.join(readers)}: the app has one list of genres, and theirs differ")
    words = list(vocabularies[0])
    while words and not words[-1]:  # ids beyond the end of a vocabulary file
        words.pop()
    if bad := next((word for word in words if "\n" in word or "\r" in word), None):
        raise ExportError(f"android: input {readers[0]!r}: the genre {bad!r} holds a line break; rename it")
    listed = {genre for value in catalogue.shown.get("genres", ()) for genre in _split(value, frozenset(words))}
    if not listed & set(words[1:]):
        raise ExportError(
            f"android: input {readers[0]!r}: its vocabulary holds no genre of the items, so that the app could give it "
            "none; give the items their genres, and the feature the vocabulary file that made its ids"
        )
    if words[0] == "" and UNKNOWN_GENRE not in words:
        words[0] = UNKNOWN_GENRE  # an empty line is easily lost
    return words


def movie_list(catalogue: Catalogue, words: Iterable[str]) -> list[dict[str, Any]]:
    """The items by falling count, equal ones by id: what people see of them, and the id that the model knows.

    Args:
        words: The genres that the model knows.
    """
    from recframe import text_of

    known_words, shown = frozenset(words), catalogue.shown
    titles, genres, counts = (shown.get(name) for name in ("title", "genres", "count"))
    movies = []
    for label in catalogue.known.nonzero()[0].tolist():
        # How often an item was rated, where the data says so; else how often training has it.
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
    """An item's genres, of a list or of a text with bars between; a text that is a genre itself stays whole."""
    from recframe import text_of

    if value is None:
        return []
    if isinstance(value, str):
        return [value] if value in words else [word for word in value.split("|") if word]
    return [text_of(word) for word in value]
