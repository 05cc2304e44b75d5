"""`recframe train resume=RUN [OVERRIDES]`: continues a stopped run."""

from __future__ import annotations

from recframe.commands.arguments import folder
from recframe.commands.table import RESUME, RESUMING
from recframe.errors import RecframeError


def run(words: list[str]) -> int:
    """Train from where the run was stopped, and then evaluate, export and report."""
    if {"-h", "--help"} & set(words):
        print(f"usage: recframe {RESUMING[0]}\n\n{RESUMING[1]}")
        return 0
    resume_words = [word for word in words if word.startswith(RESUME)]
    overrides = [word for word in words if word not in resume_words]
    if len(resume_words) > 1 or any(word.startswith("-") for word in overrides):
        raise RecframeError(f"{resume_words[-1]}: resume= names one run; add only KEY=VALUE, no flags of Hydra")
    place = folder(resume_words[0].removeprefix(RESUME)).absolute()
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
