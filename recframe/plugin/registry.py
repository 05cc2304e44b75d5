"""Registries: the installed contributions by kind and name, with the plugin that provides each name.

A registry never changes. `extended` returns a new registry, so that a plugin adds all of its contributions or none.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs
from attrs import evolve, field, frozen

from recframe.errors import DuplicateNameError, UnknownNameError
from recframe.errors.nearest import listing
from recframe.plugin.provider import Provider, normalised, normalised_choice
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


class Registry(Mapping[str, C], Generic[C]):
    """The contributions of one kind by name. The error for an unknown name lists all names, and the nearest first.

    `NAME@DISTRIBUTION` names the contribution of one distribution. It is needed if several plugins provide one name:
    the name alone is then an error, since any order between the plugins would be arbitrary.
    """

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, Mapping[Provider, C]] | None = None,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self._entries = dict(entries or {})
        self._refused = dict(refused or {})

    def __getitem__(self, name: str) -> C:
        return self._entry(name)[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __repr__(self) -> str:
        return f"Registry({self.kind}: {', '.join(self.names())})"

    def names(self) -> tuple[str, ...]:
        """The names, sorted; `NAME@DISTRIBUTION` where several plugins provide one name."""
        return tuple(sorted(self.shown(name, one) for name, several in self._entries.items() for one in several))

    def spellings(self) -> tuple[str, ...]:
        """The names that a config may choose, sorted: those of plugins also as `NAME@DISTRIBUTION`."""
        providers = ((name, one) for name, several in self._entries.items() for one in several if not one.builtin)
        qualified = {one.qualified(name) for name, one in providers}
        return tuple(sorted({*self.names(), *qualified}))

    def source(self, name: str) -> str:
        """The distribution that provides the name: `recframe-mine 0.1.0`, or `recframe 0.1.0 (built-in)`."""
        return str(self.provider(name))

    def provider(self, name: str) -> Provider:
        """The distribution or module that provides the name."""
        return self._entry(name)[0]

    def shown(self, name: str, provider: Provider) -> str:
        """The name by which a provider's contribution is chosen; `NAME@DISTRIBUTION` if the name alone is ambiguous."""
        return name if len(self._entries[name]) == 1 else provider.qualified(name)

    def clash(self, name: str) -> str:
        """The message that several plugins provide one name, and how to choose; empty if at most one provides it."""
        several = self._entries.get(name, {})
        if len(several) < 2:
            return ""
        choices = " or ".join(repr(provider.qualified(name)) for provider in several)
        return f"{_provided(self.kind, name, *several)}; write {choices}, or leave one of them out of RECFRAME_PLUGINS"

    def extended(self, contributions: Iterable[C], source: Provider | str) -> Registry[C]:
        """A registry with these contributions added.

        Raises:
            DuplicateNameError: if a name is a built-in's, or the same provider has provided it already.
        """
        provider, entries = Provider.of(source), dict(self._entries)
        for contribution in contributions:
            name = contribution.name
            several = entries.get(name, {})
            if provider.given and any(_same(contribution, other) for other in several.values()):
                continue  # given twice, or installed as well
            for other in several:
                if other.builtin or other.owns(provider.distribution):
                    raise DuplicateNameError(f"{_provided(self.kind, name, other, provider)}; give it another name")
            entries[name] = {**several, provider: contribution}
        return Registry(self.kind, entries, self._refused)

    def with_refused(self, reasons: Mapping[str, str]) -> Registry[C]:
        """A registry that raises the reason as the error for each of these names, which it does not contain."""
        kept = {name: several for name, several in self._entries.items() if name not in reasons}
        return Registry(self.kind, kept, {**self._refused, **reasons})

    def with_chosen(self, providers: Mapping[str, Provider]) -> Registry[C]:
        """A registry in which a name, of those that several plugins provide, is the chosen provider's."""
        chosen = {
            name: {one: contribution for one, contribution in self._entries[name].items() if one == provider}
            for name, provider in providers.items()
        }
        return Registry(self.kind, {**self._entries, **chosen}, self._refused)

    def _entry(self, name: str) -> tuple[Provider, C]:
        if not isinstance(name, str):
            raise UnknownNameError(f"{name!r} is no name of a {self.kind}", self.kind)
        plain, at, distribution = name.partition("@")
        refused = self._refused.get(normalised_choice(name))
        several = self._entries.get(plain, {})
        matching = [entry for entry in several.items() if not at or entry[0].owns(distribution)]
        if len(matching) == 1 and not refused:
            return matching[0]
        absent = f": {normalised(distribution)} is not installed, or has none of that name" if at else ""
        missing = f"no {self.kind} {name!r}{absent}{listing(name, self.names(), 'There are')}"
        raise UnknownNameError(refused or ("" if at else self.clash(plain)) or missing, self.kind)


def _provided(kind: str, name: str, *providers: Provider) -> str:
    return f"{kind} {name!r} is provided by {' and again by '.join(map(str, providers))}"


def _same(one: Contribution, other: Contribution) -> bool:
    """Whether two contributions are of the same code, where one was perhaps wrapped."""
    if type(one) is not type(other) or one.options is not other.options:
        return False
    names = [a.name for a in attrs.fields(type(one)) if a.metadata.get("function")]
    return all(inspect.unwrap(getattr(one, name)) is inspect.unwrap(getattr(other, name)) for name in names)


@frozen(repr=False)
class Registries:
    """One registry for each kind."""

    encoders: Registry[EncoderType] = field(factory=lambda: Registry("encoder"))
    features: Registry[FeatureType] = field(factory=lambda: Registry("feature"))
    losses: Registry[LossType] = field(factory=lambda: Registry("loss"))
    datasets: Registry[DatasetType] = field(factory=lambda: Registry("dataset"))
    exporters: Registry[ExporterType] = field(factory=lambda: Registry("exporter"))
    commands: Registry[CommandType] = field(factory=lambda: Registry("command"))

    def __repr__(self) -> str:
        return f"Registries({', '.join(f'{len(self.of(kind))} {plural}' for kind, plural in KINDS.items())})"

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

    def extended(self, contributions: Iterable[Contribution], source: Provider | str) -> Registries:
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
        changed = {plural: self.of(kind).with_refused(_of_kind(kind, reasons)) for kind, plural in KINDS.items()}
        return evolve(self, **changed)

    def with_chosen(self, providers: Mapping[tuple[str, str], Provider]) -> Registries:
        """Registries in which names that several plugins provide, by kind and name, are the chosen provider's."""
        changed = {plural: self.of(kind).with_chosen(_of_kind(kind, providers)) for kind, plural in KINDS.items()}
        return evolve(self, **changed)


V = TypeVar("V")


def _of_kind(wanted: str, values: Mapping[tuple[str, str], V]) -> dict[str, V]:
    return {name: value for (kind, name), value in values.items() if kind == wanted}


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
