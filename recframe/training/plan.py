"""`recframe plan`: what a spec would build, before any training."""

from __future__ import annotations

from rich.console import Console

from recframe.export.serving import ServingModule
from recframe.manager import load_plugins
from recframe.specs import ExperimentSpec
from recframe.terminal import printable
from recframe.training.building import built
from recframe.training.encoder_probe import probe_encoders
from recframe.training.exportable import file_sizes, writes_tflite
from recframe.training.run import load_data
from recframe.training.small_catalogue import fitted


def print_plan(spec: ExperimentSpec) -> None:
    """The resolved spec, parameters, sizes of the files, and the serving signature."""
    import yaml

    from recframe.converter import unstructure

    console = Console()
    registries = load_plugins()
    remarks = Console(stderr=True)  # as where they are trained, so that standard output holds the plan alone

    def say(note: str) -> None:
        remarks.print(f"· {printable(note)}", highlight=False, markup=False, soft_wrap=True)

    data = load_data(spec, registries, say)
    spec = fitted(spec, data.num_items, say)
    model = built(spec, registries, data)
    probe_encoders(model, registries)
    module = ServingModule(spec, data.catalogue(), model)
    console.print(yaml.safe_dump(unstructure(spec), sort_keys=False), highlight=False, markup=False, soft_wrap=True)
    console.print(f"parameters  {model.count_params():,}", highlight=False)
    if writes_tflite(spec):
        for variant, size in file_sizes(spec, registries, data, model).items():
            console.print(f"file    {variant} {size / 1000:,.0f} KB", highlight=False)
    for name, tensor in module.inputs.items():
        console.print(f"input   {name} {tensor.dtype.name} {list(tensor.shape)}", highlight=False, markup=False)
    first = next(iter(module.inputs.values())).shape[:1] if module.batched else ()
    answer = [*first, module.k]
    console.print(f"output  top_prediction_ids int32 {answer}", highlight=False, markup=False)
    console.print(f"output  top_prediction_scores float32 {answer}", highlight=False, markup=False)
