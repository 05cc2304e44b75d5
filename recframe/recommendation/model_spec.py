"""`recommendation.ModelSpec`: an InputSpec and ModelHParams, and the experiment that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recframe.converter import structure
from recframe.manager import load_plugins
from recframe.proto import InputConfig, to_mapping
from recframe.recommendation.spec import ModelHParams
from recframe.specs import ExperimentSpec

#: How Model Maker trained and served, in the words of our specs. What it got wrong is not among these.
COMPATIBLE: Mapping[str, Mapping[str, Any]] = {
    "model": {"projection": "relu", "tie_embeddings": False, "dropout": 0.0},
    "train": {"optimizer": "adagrad", "mode": "windows", "weight_decay": 0.0, "steps_per_call": 64},
    "export": {"batch": "model_maker", "scores": "sigmoid", "exclude_history": False},
}


class ModelSpec:
    """What a model reads, predicts and is made of.

    Args:
        input_spec: The features and the label, an `InputSpec` message.
        model_hparams: The sizes of the layers.
        seed: Of the initial weights and the order of training.

    Raises:
        SpecError: where the message is incomplete; every problem is listed, by the path of its field.
    """

    compat_tf_versions = (2,)

    def __init__(self, input_spec: InputConfig, model_hparams: ModelHParams, seed: int = 1) -> None:
        self.input_spec = input_spec
        self.model_hparams = model_hparams
        self.seed = seed
        self.experiment()

    def experiment(self, **train: Any) -> ExperimentSpec:
        """The experiment spec of a model with these layers.

        Args:
            train: Options of `recframe.specs.TrainSpec` that differ from Model Maker's.
        """
        registries, hparams = load_plugins(), self.model_hparams
        mapping = to_mapping(self.input_spec, registries, hparams.encoder_defaults())
        sizes = {
            "hidden_layer_dims": list(hparams.hidden_layer_dims),
            "num_predictions": hparams.num_predictions,
        }
        return structure(
            {
                **mapping,
                "model": {**mapping["model"], **COMPATIBLE["model"], **sizes},
                "train": {**COMPATIBLE["train"], **train},
                "evaluation": {"top_k": list(hparams.eval_top_k)},
                "export": dict(COMPATIBLE["export"]),
                "seed": self.seed,
            },
            registries,
        )

    def get_default_quantization_config(self) -> None:
        """None: a model is exported in float32 unless a QuantizationConfig is given."""
        return None
