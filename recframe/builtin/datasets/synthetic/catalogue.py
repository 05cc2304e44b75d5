"""The items of the synthetic dataset: names, genres, popularity, and the likely next items of each item."""

from __future__ import annotations

import numpy as np
from attrs import frozen


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GENRES = _words(
    "Drama Comedy Thriller Action Romance Adventure Crime Horror Fantasy Mystery Animation Documentary Western Musical "
    "War History Sport Biography Family Noir"
)
QUALITIES = _words(
    "Silent Crimson Hidden Broken Golden Distant Burning Frozen Last Lost Secret Wild Gentle Hollow Electric Paper "
    "Midnight Northern Restless Velvet Wandering Borrowed Scarlet Quiet Copper Foreign Patient Stolen Bitter Lucky "
    "Invisible Early Marble Savage Tender Winter Empty Honest Painted Thirteenth"
)
THINGS = _words(
    "Harbour Garden Letter River Witness Orchard Signal Mountain Stranger Island Bridge Promise Lantern Station "
    "Daughter Painter Mirror Voyage Castle Summer Detective Shadow Circus Desert Machine Window Border Anthem Captain "
    "Forest Hotel Map Tailor Lighthouse Gambler Pilot Violin Village Comet Kitchen Archive Tide Balloon Falcon Market "
    "Neighbour Compass Train Rebel Sparrow"
)
NEAR = 8  # successors are at most this far ahead in the order of a genre


@frozen(eq=False)
class SyntheticItems:
    """The items, and how they are drawn.

    Attributes:
        items: The item table of the interactions.
        genre: int64 [items]; the first genre of each item.
        quality: float64 [items]; added to every rating of the item.
        successors: int64 [items, successors]; the likely next items, most likely first.
        successor_chances: float64 [successors]; cumulative probabilities.
        by_genre: int64 [items]; the items, grouped by genre.
        popularity: float64 [items + 1]; cumulative over `by_genre`, from 0.
        genre_bounds: int64 [genres + 1]; the indices in `by_genre` at which the genres begin.
    """

    items: dict[str, np.ndarray]
    genre: np.ndarray
    quality: np.ndarray
    successors: np.ndarray
    successor_chances: np.ndarray
    by_genre: np.ndarray
    popularity: np.ndarray
    genre_bounds: np.ndarray

    @property
    def num_genres(self) -> int:
        return len(self.genre_bounds) - 1

    def draw_any(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """int64 [count]: items drawn by popularity."""
        return self._at(rng.random(count) * self.popularity[-1])

    def draw_from_genre(self, rng: np.random.Generator, genre: np.ndarray) -> np.ndarray:
        """int64 [n]: an item of each genre, drawn by popularity."""
        low, high = self.popularity[self.genre_bounds[genre]], self.popularity[self.genre_bounds[genre + 1]]
        return self._at(low + rng.random(len(genre)) * (high - low))

    def draw_successor(self, rng: np.random.Generator, item: np.ndarray) -> np.ndarray:
        """int64 [n]: a likely next item for each item."""
        which = np.searchsorted(self.successor_chances, rng.random(len(item)), side="right")
        items: np.ndarray = self.successors[item, np.minimum(which, self.successors.shape[1] - 1)]
        return items

    def _at(self, cumulative: np.ndarray) -> np.ndarray:
        place = np.searchsorted(self.popularity, cumulative, side="right") - 1
        items: np.ndarray = self.by_genre[np.minimum(place, len(self.by_genre) - 1)]
        return items


def make_catalogue(rng: np.random.Generator, items: int, genres: int, successors: int, skew: float) -> SyntheticItems:
    """Make a catalogue of `items` items in `genres` genres. Every genre has at least one item."""
    genre = rng.permutation(np.concatenate([np.arange(genres), rng.integers(genres, size=items - genres)]))
    by_genre = np.lexsort((rng.random(items), genre))
    bounds = np.searchsorted(genre[by_genre], np.arange(genres + 1))
    # Ranks start at 10, so that the most popular items are about equally popular, as in real catalogues.
    weights = 1.0 / (rng.permutation(items) + 10.0) ** skew
    popularity = np.concatenate([[0.0], np.cumsum(weights[by_genre])])

    size = np.diff(bounds)[genre]
    place = np.empty(items, np.int64)
    place[by_genre] = np.arange(items) - bounds[genre[by_genre]]
    steps = 1 + np.argsort(rng.random((items, max(NEAR, successors))), axis=1)[:, :successors]
    following = by_genre[bounds[genre][:, None] + (place[:, None] + steps) % size[:, None]]
    following = np.where(following == np.arange(items)[:, None], (following + 1) % items, following)
    chances = 1.0 / np.arange(1, successors + 1)

    return SyntheticItems(
        items=_item_table(rng, genre, genres),
        genre=genre,
        quality=rng.normal(0, 0.5, items),
        successors=following,
        successor_chances=np.cumsum(chances / chances.sum()),
        by_genre=by_genre,
        popularity=popularity,
        genre_bounds=bounds,
    )


def _item_table(rng: np.random.Generator, genre: np.ndarray, genres: int) -> dict[str, np.ndarray]:
    items = len(genre)
    names = [GENRES[i] if i < len(GENRES) else f"Genre {i + 1}" for i in range(genres)]
    years = rng.integers(1950, 2020, items)
    pairs = rng.permutation(len(QUALITIES) * len(THINGS))
    more, extra = rng.integers(3, size=items), rng.integers(genres, size=(items, 2))
    titles, lists = [], np.empty(items, object)
    for i in range(items):
        part, which = divmod(i, len(pairs))
        quality, thing = divmod(int(pairs[which]), len(THINGS))
        number = f" {part + 1}" if part else ""  # a sequel, if all pairs of words are used
        titles.append(f"The {QUALITIES[quality]} {THINGS[thing]}{number} ({years[i]})")
        # dict.fromkeys drops a repeated genre and keeps the order
        lists[i] = [names[g] for g in dict.fromkeys([int(genre[i]), *map(int, extra[i, : more[i]])])]
    return {
        "id": np.arange(1, items + 1, dtype=np.int64),
        "title": np.array(titles, dtype=str),
        "genres": lists,
        "genre": np.array([names[g] for g in genre], dtype=str),
        "year": years.astype(np.int64),
    }
