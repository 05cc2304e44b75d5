"""Who provides a contribution, and how a name says whose it is: `tiny@recframe-mine`."""

from __future__ import annotations

import re

from attrs import frozen


def normalised(distribution: str) -> str:
    """The name of a distribution as pip compares it: `recframe_mine` and `Recframe.Mine` are `recframe-mine`."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def normalised_choice(name: str) -> str:
    """`tiny@Recframe_Mine` as `tiny@recframe-mine`; another name as it is."""
    plain, at, distribution = name.partition("@")
    return f"{plain}@{normalised(distribution)}" if at else name


@frozen
class Provider:
    """A distribution that provides contributions, or a module that was given in Python.

    Attributes:
        distribution: Its name, or that of the module.
        builtin: Whether it is recframe itself.
        given: Whether it was given in Python, so that nothing can be installed; it has no version then.
    """

    distribution: str
    version: str
    builtin: bool = False
    given: bool = False

    @classmethod
    def of(cls, source: Provider | str) -> Provider:
        """From a text such as `recframe-mine 0.1.0`."""
        if isinstance(source, Provider):
            return source
        distribution, _, version = source.partition(" ")
        return cls(distribution, version)

    def __str__(self) -> str:
        if self.given:
            return f"{self.distribution} (given in Python)"
        return f"{self.distribution} {self.version}{' (built-in)' if self.builtin else ''}".rstrip()

    def owns(self, distribution: str) -> bool:
        """Whether this is the distribution of that name, however it is spelt."""
        return normalised(self.distribution) == normalised(distribution)

    def qualified(self, name: str) -> str:
        """`tiny@recframe-mine`, by which nobody else's `tiny` is meant."""
        return f"{name}@{normalised(self.distribution)}"


@frozen
class Origin:
    """The plugin that a contribution comes from.

    Attributes:
        package: Top-level package of the plugin's code, by which its frames are known in a traceback.
    """

    provider: Provider
    package: str
