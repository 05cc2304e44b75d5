"""Registries: the installed contributions by kind and name, with the plugin that provides each name.

A registry never changes. `extended` returns a new registry, so that a plugin adds all of its contributions or none.
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
    """The message that several plugins provide one name, and what to do about it."""
    several = " and again by ".join(sources)
    return f"{kind} {name!r} is provided by {several}; uninstall one of them, or leave it out of RECFRAME_PLUGINS"


class Registry(Mapping[str, C], Generic[C]):
    """The contributions of one kind by name. The error for an unknown name lists all names, and the nearest first."""

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
        # Mapping would call __getitem__ and expect a KeyError, but __getitem__ raises UnknownNameError.
        return name in self._entries

    def get(self, name: str, default: Any = None) -> Any:
        return self._entries[name][0] if name in self._entries else default

    def __repr__(self) -> str:
        return f"Registry({self.kind}: {', '.join(self.names())})"

    def names(self) -> tuple[str, ...]:
        """The names, sorted."""
        return tuple(sorted(self._entries))

    def source(self, name: str) -> str:
        """The distribution that provides the name: `recframe-mine 0.1.0`, or `recframe 0.1.0 (built-in)`."""
        return self._entry(name)[1]

    def extended(self, contributions: Iterable[C], source: str) -> Registry[C]:
        """A registry with these contributions added.

        Raises:
            DuplicateNameError: if a name is provided already. The message names both providers.
        """
        entries = dict(self._entries)
        for contribution in contributions:
            existing = entries.get(contribution.name)
            if existing is not None:
                raise DuplicateNameError(duplicate_message(self.kind, contribution.name, existing[1], source))
            entries[contribution.name] = (contribution, source)
        return Registry(self.kind, entries, self._refused)

    def with_refused(self, reasons: Mapping[str, str]) -> Registry[C]:
        """A registry that raises the reason as the error for each of these names, which it does not contain."""
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
        """The registry of a kind, such as `encoder` or `encoders`.

        Raises:
            UnknownNameError: if there is no such kind.
        """
        singular = _SINGULAR.get(kind, kind)
        if singular not in KINDS:
            raise UnknownNameError(f"no kind {kind!r}{listing(kind, KINDS, 'The kinds are')}")
        registry: Registry[Any] = getattr(self, KINDS[singular])
        return registry

    def extended(self, contributions: Iterable[Contribution], source: str) -> Registries:
        """Registries with these contributions added. A duplicate name raises DuplicateNameError."""
        added = list(contributions)
        changed = {
            plural: self.of(kind).extended([c for c in added if c.kind == kind], source)
            for kind, plural in KINDS.items()
            if any(c.kind == kind for c in added)
        }
        return evolve(self, **changed)

    def with_refused(self, reasons: Mapping[tuple[str, str], str]) -> Registries:
        """Registries that raise the reason as the error for each of these kinds and names."""
        changed = {
            plural: self.of(kind).with_refused({key[1]: reason for key, reason in reasons.items() if key[0] == kind})
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
