"""Which plugins an experiment uses."""

from __future__ import annotations

from collections.abc import Mapping

from recframe.plugin.provider import Provider
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec

#: What has no influence on the trained weights.
EXPORTER = "exporter"


def providers(spec: ExperimentSpec, registries: Registries) -> Mapping[tuple[str, str], Provider]:
    """Who provides each component of a spec, by kind and name, sorted."""
    used = {("dataset", spec.dataset.type), ("loss", spec.loss.type)}
    used |= {(EXPORTER, exporter.type) for exporter in spec.exporters}
    used |= {("encoder", encoder.type) for encoder in spec.encoders.values()}
    used |= {("feature", one.type) for group in spec.groups.values() for one in group.features.values()}
    return {(kind, name): registries.of(kind).provider(name) for kind, name in sorted(used)}
