"""`recframe plan [OVERRIDES]`: shows what would be trained and exported, before any training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recframe.commands.notes import say
from recframe.commands.table import OWN

if TYPE_CHECKING:
    from recframe.plugin.registry import Registries
    from recframe.spec.experiment import ExperimentSpec


def run(words: list[str]) -> int:
    """Print the plan of what the overrides compose."""
    from recframe.config import choices, compose, composing, require_readable
    from recframe.plugin.manager import load_plugins
    from recframe.runs.start import start_for

    line = composing("plan", words)
    if line.help:
        print(f"usage: recframe {OWN['plan'][0]}\n\n{choices(line.overrides, line.sources)}")
        return 0
    require_readable(line.sources)
    spec, registries = compose(line.overrides, say, line.sources), load_plugins()
    start_for(spec, registries)
    print_plan(spec, registries)
    return 0


def print_plan(spec: ExperimentSpec, registries: Registries) -> None:
    """Print the resolved spec, the number of parameters, the sizes of the files, and the serving signature."""
    import yaml
    from rich.console import Console

    from recframe.data.training_examples import SequenceExamples
    from recframe.model.encoder_probe import probe_encoders
    from recframe.runs.building import build
    from recframe.runs.data import load_data
    from recframe.runs.export_dry_run import file_sizes, serving_module, writes_tflite
    from recframe.runs.forecast import tell_forecast
    from recframe.spec.convert import unstructure
    from recframe.spec.small_catalogue import within_catalogue
    from recframe.training.loop import Trainer
    from recframe.training.loss_probe import probe_loss

    console = Console()
    data = load_data(spec, registries, say)
    spec = within_catalogue(spec, data.num_items, say)
    untrained = build(spec, registries, data)
    probe_encoders(untrained.model)
    probe_loss(spec, registries)
    if spec.train.epochs:
        tell_forecast(Trainer(spec, registries, SequenceExamples(data), untrained.model), say)
    module = serving_module(untrained)
    console.print(yaml.safe_dump(unstructure(spec), sort_keys=False), highlight=False, markup=False, soft_wrap=True)
    console.print(f"parameters  {untrained.model.count_params():,}", highlight=False)
    if writes_tflite(spec):
        for variant, size in file_sizes(untrained).items():
            console.print(f"file    {variant} {size / 1000:,.0f} KB", highlight=False)
    for name, tensor in module.inputs.items():
        console.print(f"input   {name} {tensor.dtype.name} {list(tensor.shape)}", highlight=False, markup=False)
    first = next(iter(module.inputs.values())).shape[:1] if module.batched else ()
    shape = [*first, module.k]
    console.print(f"output  top_prediction_ids int32 {shape}", highlight=False, markup=False)
    console.print(f"output  top_prediction_scores float32 {shape}", highlight=False, markup=False)
