"""The whole experiment as frozen attrs classes: the only place of defaults, ranges and help texts.

The Hydra config, the validation, `recframe describe` and the reference are made from the `option` declarations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from recframe.errors import SpecError
from recframe.spec.digest import hash_of
from recframe.spec.option import name_option, option, require_name
from recframe.spec.split import SplitSpec
from recframe.spec.train import TrainSpec


@frozen
class Component:
    """A registered contribution, chosen by name, with its options."""

    type: str
    options: Any


@frozen(slots=False)  # an options class may have several bases, and only one of them could have slots
class DatasetOptions:
    """The options of every dataset. The options class of a dataset derives from this class."""

    vocabulary_from: str | None = option(
        None, help="Folder of an earlier run. Its ids are kept, and new values get the ids after them."
    )


@frozen
class FeatureSpec:
    """One input of the model: where its values come from, and how they become vectors."""

    type: str
    options: Any
    source: str = option(
        "",
        help="Where the values come from: `item`; a column of interactions, items or (group of scope user) users; or "
        "`time_since_previous` (seconds), `hour` (UTC), `weekday` (0 is Monday). A group of scope now takes only these "
        "three. Empty: the feature's name.",
    )
    length: int | None = option(
        None,
        ge=1,
        le=10_000,
        help="Values that the model reads; none: model.history_length, or 1 where the group's scope is not history.",
    )


def _with_sources(features: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
    """The features, where a feature without a source reads the column of its own name."""
    return {
        name: feature if feature.source else attrs.evolve(feature, source=name) for name, feature in features.items()
    }


def _names(_instance: object, _field: attrs.Attribute[Any], values: Mapping[str, Any]) -> None:
    for name in values:
        require_name(name)


#: The scope of groups that describe the moment at which recommendations are asked for.
NOW = "now"


@frozen
class GroupSpec:
    """Features that are concatenated at each step and read by one encoder, or taken as they are in scope `now`."""

    features: Mapping[str, FeatureSpec] = attrs.field(converter=_with_sources, validator=_names)
    encoder: Component | None
    scope: str = option(
        "history",
        choices=("history", "user", NOW),
        help="What the features describe: steps, the user, or `now`, the moment of asking: in training the time of the "
        "target, in an app the time of the request. Such a group has no encoder.",
    )


@frozen
class LabelSpec:
    """The label: the item that is predicted."""

    name: str = name_option("label", help="Name of the label, as messages and vocabularies call it.")
    vocab_size: int | None = option(
        None,
        ge=2,
        le=100_000_000,
        help="Item ids are integers below this and are kept as they are, and events with other items are left out; "
        "none: ids by falling count.",
    )


@frozen
class ModelSpec:
    """The dual encoder, which turns a history into a vector, and the vector into a score for every item."""

    width: int = option(64, ge=1, le=4096, help="Length of the label embeddings and of the history's vector.")
    history_length: int = option(50, ge=1, le=10_000, help="Latest events of the history that the model reads.")
    hidden_layer_dims: tuple[int, ...] = option(
        (), ge=1, le=16_384, help="Widths of the dense layers before the projection."
    )
    activation: str = option("relu", choices=("relu", "gelu", "tanh"), help="Activation of the hidden layers.")
    embedding_start: str = option(
        "cooccurrence",
        choices=("cooccurrence", "uniform", "model_maker"),
        help="Initial embeddings: `cooccurrence` begins with similar vectors for items that stand near the same items "
        "in training; `uniform` within 0.05 of 0; `model_maker` normal with deviation 1/sqrt(width).",
    )
    projection_bias: float = option(0.0, help="Initial bias of the projection; 1 keeps the units of a `relu` alive.")
    projection: str = option(
        "linear", choices=("linear", "relu"), help="Activation of the history's vector; `relu` is Model Maker's."
    )
    dropout: float = option(0.2, ge=0, lt=1, help="Share of the embedding values dropped in training.")
    event_dropout: float = option(0.0, ge=0, lt=1, help="Share of the history's events hidden in training.")
    tie_embeddings: bool = option(True, help="Use one table for the items of the history and for the labels.")
    item_bias: bool = option(
        True,
        help="Add the popularity of each item to its score: an empty history gets the popular items, and a short one "
        "favours them as much as validation shows to be best.",
    )
    num_predictions: int = option(10, ge=1, le=10_000, help="Items that the exported model returns (k).")


#: The one figure of which less is better; and the figures that runs can be compared by.
MEAN_RANK = "mean_rank"
_OBJECTIVE = re.compile(rf"(recall|ndcg|mrr)@[1-9][0-9]{{0,6}}|{MEAN_RANK}")


@frozen
class EvaluationSpec:
    """How the model is measured. Ranks are always over the whole catalogue."""

    top_k: tuple[int, ...] = option((1, 5, 10, 20), ge=1, help="Cut-offs K of recall@K, ndcg@K and the other metrics.")
    batch_size: int = option(
        1024, ge=1, le=65_536, help="Histories read at once; scored in blocks that fit into the cache."
    )
    baselines: tuple[str, ...] = option(
        ("popularity", "recent_popularity", "markov", "cooccurrence"),
        choices=("popularity", "recent_popularity", "markov", "cooccurrence"),
        help="Comparators that are evaluated in the same way as the model. `popularity` counts training events, "
        "`recent_popularity` those of the last recent_days (it needs times), `markov` what follows the last item, and "
        "`cooccurrence` what is near the last 10 items.",
    )
    recent_days: float = option(30.0, gt=0, help="Last days of training that recent_popularity counts.")
    category: str | None = option(
        None,
        help="Item column that diversity@K compares; none: the first of categories, category, genres, genre.",
    )
    objective: str = option(
        "ndcg@10",
        help="Validation figure by which a sweep compares its runs: recall@K, ndcg@K or mrr@K for any K, or mean_rank, "
        "of which less is better.",
    )

    def __attrs_post_init__(self) -> None:
        if not _OBJECTIVE.fullmatch(self.objective):
            raise SpecError(
                f"objective: {self.objective!r} is not allowed: must be recall@K, ndcg@K or mrr@K with a number K, "
                f"or {MEAN_RANK}"
            )

    @property
    def direction(self) -> str:
        """What a sweep does with the objective: `maximize` or `minimize`."""
        return "minimize" if self.objective == MEAN_RANK else "maximize"


#: Values of export.batch that are not numbers.
DYNAMIC, MODEL_MAKER = "dynamic", "model_maker"
#: The number formats of an exported model, from the largest file to the smallest.
VARIANTS = ("float32", "float16", "int8", "int4")


@frozen
class ExportSpec:
    """What every exporter writes, and how closely an export must agree with the trained model."""

    variants: tuple[str, ...] = option(
        ("float32",), choices=VARIANTS, help="Number formats of the weights; the first is model.tflite."
    )
    max_size_kb: float | None = option(
        None,
        gt=0,
        help="Largest model.tflite, in 1,000 bytes. Of the variants that fit, the best by recall is taken: from "
        "`variants`, or from all where `variants` names only one.",
    )
    max_recall_drop: float = option(
        0.02,
        ge=0,
        le=1,
        help="Share of recall@10 and of ndcg@10 on the test targets that a variant may lose against the trained model.",
    )
    batch: int | str = option(
        1,
        help="Histories at once: a number N gives [N, length] inputs, `dynamic` any number, `model_maker` [length].",
    )
    scores: str = option(
        "dot", choices=("dot", "sigmoid"), help="Scores are dot products, or their sigmoid as in Model Maker."
    )
    scores_signature: bool = option(True, help="Add a second signature, `scores`: all items' scores.")
    exclude_ids: int = option(0, ge=0, le=10_000, help="Length of the input `exclude_ids`: items left out; 0: none.")
    allow_ids: int = option(
        0, ge=0, le=10_000, help="Length of the input `allow_ids`: unless empty, the only items; 0: none."
    )
    parity_histories: int = option(
        500, ge=1, help="Held-out histories on which the export is compared, some cut short, emptied, or with gaps."
    )
    parity_tolerance: float = option(1e-5, gt=0, help="Largest difference of a float32 score, relative to the scores.")
    golden_examples: int = option(16, ge=1, le=10_000, help="Histories with their outputs kept in golden.json.")
    private: bool = option(
        False,
        help="Put made-up histories into the bundle, and no paths or dataset options into its manifest; otherwise the "
        "histories are real, and the manifest has the whole spec.",
    )

    def __attrs_post_init__(self) -> None:
        number = isinstance(self.batch, int) and not isinstance(self.batch, bool) and 1 <= self.batch <= 100_000
        if not number and self.batch not in (DYNAMIC, MODEL_MAKER):
            raise SpecError(
                f"batch: {self.batch!r} is not allowed: must be a number from 1 to 100000, {DYNAMIC} or {MODEL_MAKER}"
            )
        if len(set(self.variants)) < len(self.variants) or not self.variants:
            raise SpecError(f"variants: {list(self.variants)} must name at least one, and each once")


#: With this value of exclude_seen the data decides.
AUTO = "auto"


@frozen
class ExperimentSpec:
    """Everything that defines a run. The same spec and data give the same run on the same machine and libraries."""

    dataset: Component
    encoder: Component
    loss: Component
    groups: Mapping[str, GroupSpec] = attrs.field(validator=_names)
    exporters: tuple[Component, ...]
    seed: int = option(
        1, ge=0, lt=2**32, help="Seed of the split, of equal times, of the first weights and of the order of training."
    )
    exclude_seen: bool | str = option(
        AUTO,
        choices=(AUTO, True, False),
        help="Leave items that the user had before out of validation, evaluation, comparators and exports alike; "
        "`auto`: do so if fewer than a tenth of the training targets are such items.",
    )
    label: LabelSpec = attrs.field(factory=LabelSpec, kw_only=True)
    split: SplitSpec = attrs.field(factory=SplitSpec, kw_only=True)
    model: ModelSpec = attrs.field(factory=ModelSpec, kw_only=True)
    train: TrainSpec = attrs.field(factory=TrainSpec, kw_only=True)
    evaluation: EvaluationSpec = attrs.field(factory=EvaluationSpec, kw_only=True)
    export: ExportSpec = attrs.field(factory=ExportSpec, kw_only=True)

    @property
    def encoders(self) -> dict[str, Component]:
        """The encoder of each group, without the groups that have none."""
        return {name: group.encoder for name, group in self.groups.items() if group.encoder is not None}

    @property
    def scopes(self) -> dict[str, str]:
        """The scope of each feature."""
        return {name: group.scope for group in self.groups.values() for name in group.features}

    def __hash__(self) -> int:
        return hash_of([getattr(self, field.name) for field in attrs.fields(ExperimentSpec)])

    def __repr__(self) -> str:
        encoders = ", ".join(dict.fromkeys(encoder.type for encoder in self.encoders.values()))
        features = ", ".join(name for group in self.groups.values() for name in group.features)
        return (
            f"ExperimentSpec(dataset={self.dataset.type}, features=[{features}], encoder={encoders}, "
            f"loss={self.loss.type}, epochs={self.train.epochs}, seed={self.seed})"
        )


#: The components that a run uses by default. They are names, since their options come from the registered types.
DEFAULT_COMPONENTS: Mapping[str, str] = {"dataset": "synthetic", "encoder": "cnn", "loss": "softmax"}
DEFAULT_EXPORTERS: tuple[str, ...] = ("tflite",)
DEFAULT_GROUPS: Mapping[str, Mapping[str, Any]] = {"history": {"features": {"item": {"type": "int"}}}}
