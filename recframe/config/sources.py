"""Where configs are looked for: in recframe's own, and in a folder that a command line names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from attrs import frozen
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from recframe.errors import SpecError
from recframe.errors.nearest import listing

CONFIG_MODULE = "recframe.conf"
CONFIG_NAME = "config"
OWN = f"pkg://{CONFIG_MODULE}"


@frozen
class Sources:
    """What Hydra's flags say about configs.

    Attributes:
        folder: `--config-dir`: configs of the user's own, beside recframe's.
        name: `--config-name`: the primary config, where it is another than recframe's.
        path: `--config-path`: a folder that is looked into before recframe's.
    """

    folder: str | None = None
    name: str | None = None
    path: str | None = None

    def __attrs_post_init__(self) -> None:
        for flag, folder in (("--config-dir", self.folder), ("--config-path", self.path)):
            if folder is not None and "://" not in folder and not Path(folder).is_dir():
                raise SpecError(f"{flag} {folder}: no such folder")

    @property
    def primary(self) -> str:
        """The name of the primary config."""
        return self.name or CONFIG_NAME

    @property
    def main(self) -> str:
        """What is looked into first: where the user's folder has the primary config that was named, that folder.

        Hydra looks into it after recframe's own, and would run our config in place of one of the same name.
        """
        if self.path is not None:
            return self.path if "://" in self.path else str(Path(self.path).absolute())
        if self.folder is not None and self.name is not None and self._has(self.folder, self.name):
            return str(Path(self.folder).absolute())
        return OWN

    @property
    def beside(self) -> str | None:
        """The folder that is looked into after recframe's own."""
        if self.folder is None or self.main == str(Path(self.folder).absolute()):
            return None
        return str(Path(self.folder).absolute())

    @property
    def shown(self) -> str:
        """The primary config as one would name it."""
        return f"{self.folder or self.path or OWN}: {self.primary}"

    @property
    def flags(self) -> list[str]:
        """The flags by which `hydra.main` looks where `search_path` does, within `own_configs`."""
        beside = [f"--config-dir={self.beside}"] if self.beside else []
        return [f"--config-path={self.main}", f"--config-name={self.primary}", *beside]

    def no_primary(self) -> str:
        """What the user reads where there is no config of the name."""
        folder = Path(self.folder or self.path or ".")
        names = sorted(path.stem for path in folder.glob("*.yaml")) if self.folder or self.path else []
        where = f" in {folder}" if self.folder or self.path else "; name its folder with --config-dir"
        return f"no config {self.primary!r}{where}{listing(self.primary, names, 'There are') if names else ''}"

    @staticmethod
    def _has(folder: str, name: str) -> bool:
        return (Path(folder) / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")).is_file()


#: Where nothing is named.
OURS = Sources()

_WANTED: ContextVar[bool] = ContextVar("recframe's configs are wanted", default=False)


class OwnConfigs(SearchPathPlugin):
    """Adds recframe's configs behind the user's, within `own_configs` and nowhere else."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        if _WANTED.get() and all(element.path != OWN for element in search_path.get_path()):
            search_path.append("recframe", OWN)


@contextmanager
def own_configs() -> Iterator[None]:
    """In the block, what Hydra looks into has recframe's configs, also where another primary config is named."""
    Plugins.instance().register(OwnConfigs)
    token = _WANTED.set(True)
    try:
        yield
    finally:
        _WANTED.reset(token)


def search_path(sources: Sources) -> ConfigSearchPath:
    """What Hydra looks into, in this order."""
    with own_configs():
        path = create_config_search_path(sources.main)
    if sources.beside is not None:
        path.prepend("command-line", f"file://{sources.beside}", SearchPathQuery(provider="schema"))
    return path
