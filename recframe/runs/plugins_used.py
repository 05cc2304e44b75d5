"""plugins.json of a run folder: the distributions that its components come from, and what to do where one is missing.

A run of built-in components alone has no such file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from recframe.errors import SpecError
from recframe.files.json_text import parse_json
from recframe.files.whole import remove, write_text
from recframe.plugin.manager import plugin_infos
from recframe.plugin.provider import Provider
from recframe.plugin.registry import Registries
from recframe.plugin.used import providers
from recframe.runs.place import PLUGINS
from recframe.spec.experiment import ExperimentSpec


def write_plugins(spec: ExperimentSpec, registries: Registries, folder: Path) -> None:
    """Write plugins.json, where the spec uses a component that is not recframe's own."""
    foreign = {key: one for key, one in providers(spec, registries).items() if not one.builtin}
    if not foreign:
        remove(folder / PLUGINS)
        return
    plain = {
        f"{kind}/{name}": {"distribution": one.distribution, "version": one.version, "given": one.given}
        for (kind, name), one in foreign.items()
    }
    write_text(folder / PLUGINS, json.dumps(plain, indent=2) + "\n")


def as_recorded(registries: Registries, folder: Path) -> Registries:
    """The registries for a run: each of its components is of the distribution that it was trained with, or of none.

    A component that is missing says what to install.
    """
    missing, chosen = dict[tuple[str, str], str](), dict[tuple[str, str], Provider]()
    for (kind, name), recorded in _recorded(folder).items():
        plain, registry = name.partition("@")[0], registries.of(kind)
        if (qualified := recorded.qualified(plain)) in registry:
            chosen[kind, plain] = registry.provider(qualified)
        else:
            missing[kind, name] = f"{kind} {name!r} was provided by {recorded}, {_remedy(recorded)}"
    return registries.with_chosen(chosen).with_refused(missing)


def _recorded(folder: Path) -> Mapping[tuple[str, str], Provider]:
    path = folder / PLUGINS
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
        return {_key(name): _provider(one) for name, one in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise SpecError(f"{path}: cannot be read: {error}; without it, the run is read by the names alone") from None


def _key(name: str) -> tuple[str, str]:
    kind, _, short = name.partition("/")
    return kind, short


def _provider(values: Mapping[str, object]) -> Provider:
    return Provider(str(values["distribution"]), str(values["version"]), given=bool(values["given"]))


def _remedy(recorded: Provider) -> str:
    """What keeps a provider from being there, and what to do."""
    if recorded.given:
        return f"which is not installed; give it again: recframe.load_run(FOLDER, plugins=[{recorded.distribution}])"
    install = f"`pip install '{recorded.distribution}=={recorded.version}'`"
    infos = [info for info in plugin_infos() if recorded.owns(info.distribution)]
    if not any(info.version for info in infos):  # not there, or only named by RECFRAME_PLUGINS
        return f"which is not installed: {install}"
    if broken := [info for info in infos if info.status == "failed"]:
        return f"which fails to load: {broken[0].error}"
    if any(info.status == "disabled" for info in infos):
        return "which RECFRAME_PLUGINS leaves out; add it there"
    return f"and {infos[0].distribution} {infos[0].version} does not have it: {install}"
