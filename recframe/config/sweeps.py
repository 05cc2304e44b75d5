"""Several jobs of one command line: each one's values are looked at before the first trains."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.core.plugins import Plugins
from hydra.core.utils import setup_globals
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from recframe.config.command_line import CommandLine
from recframe.config.composition import overwrites, to_spec
from recframe.config.explanations import CONFIG_ERRORS, explain, require_names
from recframe.config.nodes import compose_config, composed_with_hydra
from recframe.config.sources import Sources, search_path
from recframe.errors import Problem, RecframeError, SpecError
from recframe.plugin.registry import Registries
from recframe.spec.experiment import EvaluationSpec

_BASIC = "BasicSweeper"
#: `${direction_of:OBJECTIVE}`: what a sweeper does with what the runs return.
_DIRECTION = "direction_of"


def sweepers_know_the_objective() -> None:
    """Let Optuna's sweeper look for the best objective; it minimises by itself."""
    Plugins.instance()  # puts the sweepers' nodes into the store
    OmegaConf.register_new_resolver(_DIRECTION, _direction, replace=True)
    store = ConfigStore.instance()
    if "optuna.yaml" not in store.list("hydra/sweeper"):
        return
    held = store.load("hydra/sweeper/optuna.yaml")
    held.node.direction = f"${{{_DIRECTION}:${{evaluation.objective}}}}"
    store.store("optuna", held.node, group="hydra/sweeper", provider=held.provider or "optuna_sweeper")


def _direction(objective: str) -> str:
    try:
        return EvaluationSpec(objective=objective).direction
    except SpecError:
        return "maximize"  # the objective itself is refused where the jobs are looked at


def sweep_of(line: CommandLine) -> DictConfig | None:
    """The settings, as under `hydra`, of a command line that runs several jobs; None where it runs one.

    Raises:
        SpecError: where the config cannot be composed.
    """
    setup_globals()
    try:
        config = composed_with_hydra(line.overrides, line.sources, RunMode.MULTIRUN)
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, line.overrides, line.sources)) from error
    if not line.several and config.hydra.mode != RunMode.MULTIRUN:
        return None
    HydraConfig.instance().set_config(config)
    settings = config.hydra
    assert isinstance(settings, DictConfig)
    _require_direction(settings.sweeper, config.evaluation.objective)
    return settings


def sweep_folder(settings: DictConfig) -> Path:
    """Where the runs of a sweep are; made, where its name is one of recframe's own."""
    return Path(str(settings.sweep.dir)).absolute()


def _require_direction(sweeper: DictConfig, objective: str) -> None:
    if "direction" not in sweeper:
        return
    wanted, asked = _direction(objective), sweeper.direction
    names = [getattr(one, "name", one) for one in (asked if OmegaConf.is_list(asked) else [asked])]
    if names != [wanted]:
        raise SpecError(
            f"hydra.sweeper.direction: {names if len(names) > 1 else names[0]} is not allowed: a run returns "
            f"evaluation.objective, one figure, and the best {objective} is found with {wanted}; leave it out"
        )


def require_sound_jobs(line: CommandLine, settings: DictConfig, registries: Registries) -> None:
    """Look at the values of every job that is known beforehand, and whether its data is there.

    Of values that a sweeper will choose, the ends of each interval are looked at.

    Raises:
        SpecError: with one line for each mistake in any job.
    """
    problems: dict[str, Problem] = {}
    for overrides in jobs(line, settings):
        try:
            _look_at(overrides, line.sources, registries)
        except RecframeError as error:
            problems |= {str(problem): problem for problem in error.mistakes}
    if problems:
        raise SpecError(list(problems.values()))


def _look_at(overrides: list[str], sources: Sources, registries: Registries) -> None:
    require_names(overrides)
    try:
        config = compose_config(overrides, sources)
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, overrides, sources)) from error
    spec = to_spec(config, registries, overrides=overrides, say=lambda note: None)
    overwrites(config)
    registries.datasets[spec.dataset.type].check(spec.dataset.options)


def jobs(line: CommandLine, settings: DictConfig) -> Iterator[list[str]]:
    """The overrides of each job: of Hydra's own sweeper all, of another each value beside the first of the others."""
    params: Mapping[str, Any] = settings.sweeper.get("params") or {}
    written = [*(f"{key}={value}" for key, value in params.items()), *line.overrides]
    loader = ConfigLoaderImpl(config_search_path=search_path(line.sources))
    try:
        parsed = OverridesParser.create(config_loader=loader).parse_overrides(written)
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, written, line.sources)) from error
    # A key that is given twice has its last value.
    choices = list({override.get_key_element(): _values(override) for override in parsed}.values())
    if settings.sweeper._target_.endswith(_BASIC):
        yield from map(list, itertools.product(*choices))
        return
    first = [values[0] for values in choices]
    yield first
    for at, values in enumerate(choices):
        for value in values[1:]:
            yield [*first[:at], value, *first[at + 1 :]]


def _values(override: Override) -> Sequence[str]:
    key, value = override.get_key_element(), override.value()
    if isinstance(value, IntervalSweep):
        return [f"{key}={value.start}", f"{key}={value.end}"]
    if override.is_discrete_sweep():
        return [f"{key}={text}" for text in override.sweep_string_iterator()]
    return [override.input_line or f"{key}={override.get_value_element_as_str()}"]
