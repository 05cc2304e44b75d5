"""Registries: what is installed, by kind and name, with the plugin that each name comes from.

A registry never changes once it is built; `extended` returns a new one, so that a plugin is taken in whole or not at
all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from attrs import evolve, field, frozen

from recframe.errors import DuplicateNameError, UnknownNameError
from recframe.errors.nearest import listing
from recframe.plugin.types import (
    CommandType,
    Contribution,
    DatasetType,
    EncoderType,
    ExporterType,
    FeatureType,
    LossType,
)

C = TypeVar("C", bound=Contribution)


def duplicate_message(kind: str, name: str, *sources: str) -> str:
    """That several plugins provide one name, and what to do."""
    several = " and again by ".join(sources)
    return f"{kind} {name!r} is provided by {several}; uninstall one of them, or leave it out of RECFRAME_PLUGINS"


class Registry(Mapping[str, C], Generic[C]):
    """The contributions of one kind by name. A miss names the nearest and lists what there is."""

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, tuple[C, str]] | None = None,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self._entries = dict(entries or {})
        self._refused = dict(refused or {})

    def __getitem__(self, name: str) -> C:
        return self._entry(name)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        # Mapping asks __getitem__ and expects a KeyError; a miss here is an UnknownNameError.
        return name in self._entries

    def get(self, name: str, default: Any = None) -> Any:
        return self._entries[name][0] if name in self._entries else default

    def __repr__(self) -> str:
        return f"Registry({self.kind}: {', '.join(self.names())})"

    def names(self) -> tuple[str, ...]:
        """The names, sorted."""
        return tuple(sorted(self._entries))

    def source(self, name: str) -> str:
        """Who provides the name: `recframe-mine 0.1.0`, or `recframe 0.1.0 (built-in)`."""
        return self._entry(name)[1]

    def extended(self, contributions: Iterable[C], source: str) -> Registry[C]:
        """A registry with these besides.

        Raises:
            DuplicateNameError: Where a name is taken; the message names both providers.
        """
        entries = dict(self._entries)
        for contribution in contributions:
            taken = entries.get(contribution.name)
            if taken is not None:
                raise DuplicateNameError(duplicate_message(self.kind, contribution.name, taken[1], source))
            entries[contribution.name] = (contribution, source)
        return Registry(self.kind, entries, self._refused)

    def refusing(self, reasons: Mapping[str, str]) -> Registry[C]:
        """A registry that answers a miss of these names with the reason."""
        return Registry(self.kind, self._entries, {**self._refused, **reasons})

    def _entry(self, name: str) -> tuple[C, str]:
        try:
            return self._entries[name]
        except (KeyError, TypeError):
            reason = self._refused.get(name) if isinstance(name, str) else None
            message = reason or f"no {self.kind} {name!r}{listing(name, self.names(), 'There are')}"
            raise UnknownNameError(message, self.kind) from None


@frozen
class Registries:
    """One registry for each kind."""

    encoders: Registry[EncoderType] = field(factory=lambda: Registry("encoder"))
    features: Registry[FeatureType] = field(factory=lambda: Registry("feature"))
    losses: Registry[LossType] = field(factory=lambda: Registry("loss"))
    datasets: Registry[DatasetType] = field(factory=lambda: Registry("dataset"))
    exporters: Registry[ExporterType] = field(factory=lambda: Registry("exporter"))
    commands: Registry[CommandType] = field(factory=lambda: Registry("command"))

    def of(self, kind: str) -> Registry[Any]:
        """The registry of a kind: `encoder` or `encoders`.

        Raises:
            UnknownNameError: Where there is no such kind.
        """
        singular = _SINGULAR.get(kind, kind)
        if singular not in KINDS:
            raise UnknownNameError(f"no kind {kind!r}{listing(kind, KINDS, 'The kinds are')}")
        registry: Registry[Any] = getattr(self, KINDS[singular])
        return registry

    def extended(self, contributions: Iterable[Contribution], source: str) -> Registries:
        """Registries with these besides; on a duplicate nothing is taken in."""
        added = list(contributions)
        changed = {
            plural: self.of(kind).extended([c for c in added if c.kind == kind], source)
            for kind, plural in KINDS.items()
            if any(c.kind == kind for c in added)
        }
        return evolve(self, **changed)

    def refusing(self, reasons: Mapping[tuple[str, str], str]) -> Registries:
        """Registries that answer a miss with the reason, given by kind and name."""
        changed = {
            plural: self.of(kind).refusing({name: why for (of, name), why in reasons.items() if of == kind})
            for kind, plural in KINDS.items()
        }
        return evolve(self, **changed)


#: Each kind and the attribute of Registries that holds it.
KINDS: Mapping[str, str] = {
    "encoder": "encoders",
    "feature": "features",
    "loss": "losses",
    "dataset": "datasets",
    "exporter": "exporters",
    "command": "commands",
}
_SINGULAR = {plural: kind for kind, plural in KINDS.items()}
