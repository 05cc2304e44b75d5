"""`recframe train resume=RUN [OVERRIDES]`: continues a stopped run."""

from __future__ import annotations

from recframe.commands.arguments import folder
from recframe.commands.table import RESUME, RESUMING
from recframe.errors import RecframeError


def run(words: list[str]) -> int:
    """Train from where the run was stopped, and then measure, export and report, as it would have done."""
    if {"-h", "--help"} & set(words):
        print(f"usage: recframe {RESUMING[0]}\n\n{RESUMING[1]}")
        return 0
    named = [word for word in words if word.startswith(RESUME)]
    overrides = [word for word in words if word not in named]
    if len(named) > 1 or any(word.startswith("-") for word in overrides):
        raise RecframeError(f"{named[-1]}: names one run, and goes with KEY=VALUE alone, not with flags of Hydra")
    place = folder(named[0].removeprefix(RESUME)).absolute()
    from recframe.config import changes
    from recframe.plugin.manager import load_plugins
    from recframe.runs.place import writing
    from recframe.runs.resuming import place_to_resume, spec_to_resume
    from recframe.runs.start import start_for

    registries = load_plugins()
    changed = changes(overrides)
    with writing(place):  # a second process is refused at once
        spec, origin = spec_to_resume(place, registries, changed)
    start_for(spec, registries, origin)
    from recframe.commands.train_and_report import train_and_report

    train_and_report(spec, registries, place, lambda: place_to_resume(place)[0], origin)
    return 0
