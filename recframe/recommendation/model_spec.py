"""`recommendation.ModelSpec`: the experiment that an InputSpec and ModelHParams describe; `get` makes one by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recframe.errors import SpecError, UnknownNameError
from recframe.errors.nearest import suggestion
from recframe.plugin.manager import load_plugins
from recframe.proto import InputConfig, names, to_mapping
from recframe.recommendation.api_errors import require_type
from recframe.recommendation.spec import HParamsError, ModelHParams
from recframe.spec.convert import structure
from recframe.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from recframe.model.dual_encoder import DualEncoder

#: How Model Maker trained and served, without its mistakes.
COMPATIBLE: Mapping[str, Mapping[str, Any]] = {
    "model": dict(projection="relu", projection_bias=1.0, tie_embeddings=False, dropout=0.0, item_bias=False),
    "train": {"optimizer": "adagrad", "mode": "windows", "weight_decay": 0.0, "averaging": 0.0},
    "export": {"batch": "model_maker", "scores": "sigmoid"},
}

#: How Model Maker's training began. Soon the projection's ReLU is 0, or the same for every history.
ORIGINAL_START: Mapping[str, Mapping[str, Any]] = {
    "model": {"projection_bias": 0.0, "embedding_start": "model_maker"},
    "train": {"optimizer": "adagrad_model_maker"},
}

#: The hyperparameter of each option that Model Maker's encoders need.
_NEEDED: Mapping[str, Mapping[str, str]] = {
    "cnn": {"filter_ratios": "conv_num_filter_ratios", "kernel_size": "conv_kernel_size"},
    "lstm": {"units": "lstm_num_units"},
}
#: The names that `get` knows.
RECOMMENDATION_MODELS = ["recommendation"]


class InputSpecError(SpecError, ValueError):
    """An InputSpec does not describe a model; a ValueError, as in Model Maker."""


class ModelSpec:
    """The features and the label of a model, and the sizes of its layers.

    Args:
        seed: Draws the initial weights and the order of training.
        original_start: Begin training as Model Maker did. Such a model seldom learns.

    Raises:
        ApiValueError: An argument has another type.
        InputSpecError: The message is incomplete; each problem is a line, with the path of its field.
        HParamsError: An encoder needs a hyperparameter that is None.
    """

    compat_tf_versions = (2,)

    def __init__(
        self, input_spec: InputConfig, model_hparams: ModelHParams, seed: int = 1, original_start: bool = False
    ) -> None:
        require_type("input_spec", input_spec, InputConfig, "recommendation.spec.InputSpec")
        require_type("model_hparams", model_hparams, ModelHParams, "recommendation.spec.ModelHParams")
        self.input_spec = input_spec
        self.model_hparams = model_hparams
        self.seed = seed
        self.original_start = original_start
        self.registries = load_plugins()
        self.experiment()

    def experiment(self, **train: Any) -> ExperimentSpec:
        """The spec of an experiment; `train` are options of `recframe.spec.train.TrainSpec`."""
        registries, hparams = self.registries, self.model_hparams
        start = ORIGINAL_START if self.original_start else {"model": {}, "train": {}}
        try:
            mapping = to_mapping(self.input_spec, registries, hparams.encoder_defaults())
        except SpecError as error:
            raise InputSpecError(error.problems) from None
        self._require_hparams()
        sizes = dict(hidden_layer_dims=list(hparams.hidden_layer_dims), num_predictions=hparams.num_predictions)
        return structure(
            {
                **mapping,
                "model": {**mapping["model"], **COMPATIBLE["model"], **start["model"], **sizes},
                "train": {**COMPATIBLE["train"], **start["train"], **train},
                "evaluation": {"top_k": list(hparams.eval_top_k)},
                "export": dict(COMPATIBLE["export"]),
                "exclude_seen": False,
                "seed": self.seed,
            },
            registries,
        )

    def _require_hparams(self) -> None:
        """Refuse None if a group's encoder needs a value that its `encoder_options` do not have."""
        problems = []
        for _, path, _, group in names.named_groups(self.input_spec):
            encoder = str(names.encoder_of(group))
            for option, name in _NEEDED.get(encoder, {}).items():
                if getattr(self.model_hparams, name) is None and option not in group.encoder_options.fields:
                    problems.append(f"model_hparams.{name}: None, and {path} is a {encoder.upper()}; give a value")
        if problems:
            raise HParamsError(problems)

    def create_model(self) -> DualEncoder:
        """The Keras model with its first weights."""
        from recframe.model.dual_encoder import build_model
        from recframe.recommendation.training_data import catalogue_of

        experiment = self.experiment()
        catalogue = catalogue_of(experiment, self.registries)
        return build_model(experiment, self.registries, catalogue.features, len(catalogue.labels))

    def get_default_quantization_config(self) -> None:
        """None, which means float32."""
        return None


def get(spec_or_str: Any, *args: Any, **kwargs: Any) -> Any:
    """A model spec by name, from a class or function that makes one, or as it is.

    Raises:
        UnknownNameError: No model spec has this name; a KeyError, as in Model Maker.
    """
    if not isinstance(spec_or_str, str):
        return spec_or_str(*args, **kwargs) if callable(spec_or_str) else spec_or_str
    if spec_or_str not in RECOMMENDATION_MODELS:
        near = suggestion(spec_or_str, RECOMMENDATION_MODELS)
        raise UnknownNameError(f"no model spec {spec_or_str!r}{near}; recframe has only `recommendation`")
    return ModelSpec(*args, **kwargs)
