"""The result of training: all that an evaluation or an export needs."""

from __future__ import annotations

from attrs import frozen

from recframe.model.dual_encoder import DualEncoder
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec


@frozen(eq=False)
class TrainedModel:
    """A model with the spec that it was made by.

    Attributes:
        catalogue: Its inputs, and the items that it recommends.
    """

    spec: ExperimentSpec
    registries: Registries
    catalogue: Catalogue
    model: DualEncoder

    @property
    def encoders(self) -> str:
        """The groups' encoders and the plugins that they are of, for messages."""
        return ", ".join(
            f"{name}: {group.encoder.type} of {self.registries.encoders.source(group.encoder.type)}"
            for name, group in self.spec.groups.items()
        )
