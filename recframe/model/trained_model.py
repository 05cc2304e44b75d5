"""The result of training: everything that an evaluation or an export needs."""

from __future__ import annotations

from attrs import frozen

from recframe.model.dual_encoder import DualEncoder
from recframe.model.encoder_output import code_of
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.origin import whereabouts
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec


@frozen(eq=False)
class TrainedModel:
    """A trained model and the spec that it was built from.

    Attributes:
        catalogue: The model's inputs, and the items that it recommends.
    """

    spec: ExperimentSpec
    registries: Registries
    catalogue: Catalogue
    model: DualEncoder

    @property
    def encoders(self) -> str:
        """The encoder of each group and its plugin, for messages."""
        return ", ".join(
            f"{name}: {encoder.type} of {self.registries.encoders.source(encoder.type)}"
            + whereabouts(self.model.encoder_types[name], code_of(self.model.encoder_types[name], layer))
            for (name, encoder), layer in zip(
                self.spec.encoders.items(), self.model.encoder_layers.values(), strict=True
            )
        )
