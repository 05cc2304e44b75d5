"""How a model is fitted: the options of `train`."""

from __future__ import annotations

from attrs import frozen

from recframe.spec.option import option


@frozen
class TrainSpec:
    """How the model is fitted."""

    mode: str = option(
        "auto",
        choices=("auto", "windows", "positions"),
        help="`windows`: one (history, next item) pair a row; `positions`: every next item of a sequence in one pass, "
        "for causal encoders; `auto`: positions where every encoder is causal.",
    )
    epochs: int = option(30, ge=0, le=1_000_000, help="Passes over the training events, at most.")
    history_length: int | None = option(
        None,
        ge=1,
        le=10_000,
        help="Latest events that training on positions reads, if more than the exported model reads. Then fewer "
        "histories are cut into pieces, whose first events have a short past. None: model.history_length.",
    )
    batch_size: int = option(1024, ge=1, le=1_000_000, help="Training targets in a step.")
    optimizer: str = option(
        "adamw",
        choices=("adamw", "adagrad", "adagrad_model_maker"),
        help="`adagrad` starts the accumulators of feature embeddings near 0, so that these learn fast enough; "
        "`adagrad_model_maker` starts all at Keras's 0.1, and clips the gradient of each variable on its own.",
    )
    learning_rate: float = option(0.005, gt=0, help="Step size of the optimizer; the largest, if it changes.")
    warmup_epochs: float = option(0.0, ge=0, help="Epochs over which the learning rate rises from 0.")
    schedule: str = option(
        "constant",
        choices=("constant", "cosine"),
        help="The learning rate after the warm-up: `cosine` lets it fall to 0 at the end of `epochs`.",
    )
    averaging: float | None = option(
        None,
        ge=0,
        help="Epochs that a moving average of the weights spans. The averages are validated and exported in place of "
        "the weights. 0: no averages; none: 1, and 0 where a step changes few rows of the table, as averages change "
        "all of them.",
    )
    weight_decay: float = option(
        0.1, ge=0, le=1, help="Share of each weight that an epoch takes away, apart from the gradient (adamw)."
    )
    gradient_clip_norm: float = option(1.0, ge=0, help="Largest norm of a step's gradient; 0 turns clipping off.")
    monitor: str = option(
        "ndcg@10",
        choices=("ndcg@10", "ndcg"),
        help="Validation figure that decides which epoch is best. `ndcg` counts every rank, not only the first ten, so "
        "it varies less from epoch to epoch.",
    )
    patience: int = option(6, ge=1, help="Epochs without a better validation figure before training stops.")
    steps_per_call: int | None = option(
        None, ge=1, le=10_000, help="Steps in one compiled call; none: as many as take some tenths of a second."
    )
    warm_start: str | None = option(
        None,
        help="Folder of an earlier run, whose weights training starts from; new items begin at the mean of their "
        "neighbours by features, or of all items.",
    )
    teacher: str | None = option(
        None,
        help="Folder of a finished run on the same data, such as one of a larger model, whose scores this model learns "
        "beside the labels.",
    )
    teacher_share: float = option(
        0.5, ge=0, le=1, help="Share of the loss that is the distance to the teacher's scores; the rest is `loss`."
    )
    tensorboard: bool = option(True, help="Write curves for TensorBoard.")
