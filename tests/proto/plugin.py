"""A plugin with options of every kind, and specs that use all of them."""

from collections.abc import Iterator, Mapping

from attrs import frozen
from hypothesis import strategies as st

import recframe
from recframe.plugin import manager, types as contributions
from recframe.spec.convert import structure
from recframe.spec.experiment import ExperimentSpec


@frozen
class OddOptions:
    needed: int = recframe.option(help="Must be given.")
    units: int = recframe.option(3, help="An integer.")
    rate: float = recframe.option(0.5, help="A number.")
    loud: bool = recframe.option(False, help="A truth value.")
    word: str = recframe.option("a", help="Text.")
    sizes: tuple[int, ...] = recframe.option((1, 2), help="A list.")
    shares: tuple[float, ...] = recframe.option((), help="A list of numbers.")
    limit: int | None = recframe.option(None, help="A number or none.")
    title: str | None = recframe.option("t", help="Text or none.")
    weights: Mapping[str, float] = recframe.option(help="A mapping.", default={})


@frozen
class BucketOptions:
    edges: tuple[float, ...] = recframe.option((0.0,), help="Borders.")
    embedding_dim: int | None = recframe.option(16, ge=1, help="Width.")
    vocab_name: str | None = recframe.option(None, help="A file.")


class Plugin:
    @recframe.hookimpl
    def recframe_encoders(self) -> Iterator[recframe.EncoderType]:
        yield recframe.EncoderType(
            "odd",
            summary="For the test.",
            options=OddOptions,
            build=lambda options, context: None,  # type: ignore[arg-type, return-value]
        )

    @recframe.hookimpl
    def recframe_feature_types(self) -> Iterator[recframe.FeatureType]:
        yield contributions.FeatureType(
            "bucket",
            summary="For the test.",
            options=BucketOptions,
            encode=lambda options, values: None,  # type: ignore[arg-type, return-value]
            build=lambda options, context: None,  # type: ignore[arg-type, return-value]
        )


REGISTRIES = manager.load([("odd", Plugin())], allowed="").registries

WORDS = st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda text: text != "???")
WHOLE = st.integers(-(2**53), 2**53)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SIZES = st.none() | st.integers(2, 10**6)

ENCODERS = st.one_of(
    st.just({"type": "bow"}),
    st.fixed_dictionaries(
        {"type": st.just("cnn")},
        optional={
            "filter_ratios": st.lists(st.integers(1, 9), min_size=1, max_size=3),
            "kernel_size": st.integers(1, 9),
            "stride": st.integers(1, 9),
            "fade": st.booleans(),
        },
    ),
    st.fixed_dictionaries({"type": st.just("lstm")}, optional={"units": st.integers(1, 99)}),
    st.fixed_dictionaries(
        {"type": st.just("odd"), "needed": WHOLE},
        optional={
            "units": WHOLE,
            "rate": NUMBERS,
            "loud": st.booleans(),
            "word": WORDS,
            "sizes": st.lists(WHOLE, max_size=3),
            "shares": st.lists(NUMBERS, max_size=3),
            "limit": st.none() | WHOLE,
            "title": st.none() | WORDS,
            "weights": st.dictionaries(WORDS, NUMBERS, max_size=2),
        },
    ),
)
SOURCES = st.sampled_from(["item", "rating", "genres", "year"]) | WORDS
CATEGORY = {
    "source": SOURCES,
    "embedding_dim": st.none() | st.integers(1, 99),
    "max_vocabulary": st.none() | st.integers(1, 99),
    "vocab_name": st.none() | WORDS,
    "vocab_size": SIZES,
    "min_count": st.integers(0, 99),
    "hash_buckets": st.integers(0, 99),
}
FEATURES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["int", "string"])}, optional=CATEGORY),
    st.fixed_dictionaries(
        {"type": st.just("strings")},
        optional={**CATEGORY, "pool": st.sampled_from(["mean", "sum"]), "values": st.none() | st.integers(1, 99)},
    ),
    st.fixed_dictionaries(
        {"type": st.just("float")},
        optional={"source": SOURCES, "scale": st.sampled_from(["none", "standard", "log"])},
    ),
    st.fixed_dictionaries(
        {"type": st.just("buckets")},
        optional={"source": SOURCES, "buckets": st.integers(2, 99), "embedding_dim": st.none() | st.integers(1, 99)},
    ),
    st.fixed_dictionaries(
        {"type": st.just("bucket")},
        optional={
            "source": SOURCES,
            "edges": st.lists(NUMBERS, max_size=3),
            "embedding_dim": st.none() | st.integers(1, 99),
            "vocab_name": st.none() | WORDS,
        },
    ),
)
NAMES = st.sampled_from(["context_movie_id", "context_movie_rating", "context_movie_genre", "item", "genre"])
#: What may name a group, a feature or a label, and so a file.
FILE_NAMES = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,6}[A-Za-z0-9_])?", fullmatch=True)
GROUP_NAMES = st.sampled_from(["activity_0", "activity_1", "global_0", "history"]) | FILE_NAMES


@st.composite
def specs(draw: st.DrawFn) -> ExperimentSpec:
    """Specs whose features have distinct names, and the same length within a group."""
    history_length = draw(st.integers(1, 60))
    names = draw(st.lists(NAMES | FILE_NAMES, min_size=1, max_size=6, unique=True))
    groups = {}
    for group in draw(st.lists(GROUP_NAMES, min_size=1, max_size=len(names), unique=True)):
        count = draw(st.integers(1, max(1, len(names) - 2)))
        taken, names = names[:count], names[count:]
        if not taken:
            break
        length = draw(st.none() | st.integers(1, 60))
        groups[group] = {
            "features": {name: {**draw(FEATURES), "length": length} for name in taken},
            "encoder": draw(ENCODERS),
            "scope": draw(st.sampled_from(["history", "user"])),
        }
    if draw(st.booleans()):
        source = st.sampled_from(["hour", "weekday", "time_since_previous"])
        moment = st.fixed_dictionaries({"type": st.sampled_from(["int", "float", "buckets"]), "source": source})
        groups["moment"] = {"features": {"asked": draw(moment)}, "scope": "now"}
    return structure(
        {
            "groups": groups,
            "label": {"name": draw(FILE_NAMES), "vocab_size": draw(SIZES)},
            "model": {"width": draw(st.integers(1, 4096)), "history_length": history_length},
        },
        REGISTRIES,
    )
