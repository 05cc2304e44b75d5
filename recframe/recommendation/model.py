"""`recommendation.Recommendation`: create, train, evaluate and export, with Model Maker's arguments."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import attrs
import numpy as np

from recframe.data.column_examples import ColumnExamples
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.model.dual_encoder import DualEncoder, build_model
from recframe.model.encoder_probe import probe_encoders
from recframe.model.trained_model import TrainedModel
from recframe.plugin.catalogue import Catalogue
from recframe.recommendation.api_errors import ApiValueError, require_positive, require_type
from recframe.recommendation.export_formats import ExportFormat, QuantizationConfig
from recframe.recommendation.loader import Loader
from recframe.recommendation.metrics import History, Metrics, evaluate, lite_recall
from recframe.recommendation.model_spec import ModelSpec
from recframe.recommendation.training_data import catalogue_of, examples_for, vocabulary_files
from recframe.training.checkpoints import CHECKPOINTS, write_weights
from recframe.training.fit import epochs as trained_epochs
from recframe.training.loop import Trainer
from recframe.training.tensorboard import open_board

StrPath = str | PathLike[str]
#: Training examples that are measured after an epoch: enough to see a model that only knows its training data.
MEASURED = 1000
logger = logging.getLogger("recframe.recommendation")


class Recommendation:
    """A recommendation model.

    Args:
        model_dir: Folder of checkpoints and curves for TensorBoard; None for a temporary folder.
        shuffle: Draw a new order of the examples for each epoch.
        learning_rate: The rate of Adagrad.
        gradient_clip_norm: The largest norm of a step's gradient; 0 for no limit.

    Attributes:
        model: The Keras model; None before `create`, `train` or `create_model` makes it.
        history: The metrics of the last training, by name, with a value for each epoch.
    """

    DEFAULT_EXPORT_FORMAT = (ExportFormat.TFLITE,)
    ALLOWED_EXPORT_FORMAT = (ExportFormat.LABEL, ExportFormat.VOCAB, ExportFormat.TFLITE, ExportFormat.SAVED_MODEL)
    OOV_ID = 0

    def __init__(
        self,
        model_spec: ModelSpec,
        model_dir: StrPath | None,
        shuffle: bool = True,
        learning_rate: float = 0.1,
        gradient_clip_norm: float = 1.0,
    ) -> None:
        require_type("model_spec", model_spec, ModelSpec, "recommendation.ModelSpec")
        self.model_spec, self.registries = model_spec, model_spec.registries
        self.input_spec, self.model_hparams = model_spec.input_spec, model_spec.model_hparams
        self.model_dir = Path(model_dir) if model_dir is not None else Path(tempfile.mkdtemp(prefix="recframe-"))
        self.shuffle = shuffle
        self.experiment = model_spec.experiment(learning_rate=learning_rate, gradient_clip_norm=gradient_clip_norm)
        self.model: DualEncoder | None = None
        self.catalogue: Catalogue | None = None
        self.examples: Loader | None = None
        self.history = History()

    @classmethod
    def create(
        cls,
        train_data: Loader,
        model_spec: ModelSpec,
        model_dir: StrPath | None = None,
        validation_data: Loader | None = None,
        batch_size: int = 16,
        steps_per_epoch: int | None = 10000,
        epochs: int = 1,
        learning_rate: float = 0.1,
        gradient_clip_norm: float = 1.0,
        shuffle: bool = True,
        do_train: bool = True,
    ) -> Recommendation:
        """A model for the examples, trained unless `do_train` is false.

        Args:
            steps_per_epoch: The largest number of batches in an epoch; None for all examples.

        Raises:
            RecframeError: The spec does not fit the examples.
        """
        task = cls(model_spec, model_dir, shuffle, learning_rate, gradient_clip_norm)
        if do_train:
            task.train(train_data, validation_data, batch_size, steps_per_epoch, epochs)
        else:
            task._build(examples_for(task.experiment, task.registries, train_data, "train_data"))
        return task

    def create_model(self, do_train: bool = True) -> DualEncoder:
        """A model with its first weights, from the spec alone. `do_train` is not used: nothing is compiled here."""
        return self._build(None)

    def _build(self, examples: Loader | None) -> DualEncoder:
        self.catalogue = catalogue_of(self.experiment, self.registries, examples)
        self.examples = examples
        self.model = build_model(self.experiment, self.registries, self.catalogue.features, len(self.catalogue.labels))
        probe_encoders(self.model)
        return self.model

    def train(
        self,
        train_data: Loader,
        validation_data: Loader | None = None,
        batch_size: int = 16,
        steps_per_epoch: int | None = 100,
        epochs: int = 1,
    ) -> History:
        """Train a new model, and return the metrics with a value for each epoch.

        The names of the validation metrics begin with `val_`. `loss` is the mean over the epoch's steps. The other
        training metrics are measured after the epoch, on up to 1,000 examples.

        Raises:
            RecframeError: The spec does not fit the examples.
        """
        require_positive(batch_size=batch_size, epochs=epochs, steps_per_epoch=steps_per_epoch)
        data = examples_for(self.experiment, self.registries, train_data, "train_data")
        measured = {"train": _spread(data, MEASURED)}
        if validation_data is not None:
            checked = examples_for(self.experiment, self.registries, validation_data, "validation_data")
            measured["validation"] = checked
        settings = attrs.evolve(self.experiment.train, batch_size=batch_size, epochs=epochs)
        self.experiment = attrs.evolve(self.experiment, train=settings)
        model = self._build(data)
        num_labels = int(model.table.shape[0])
        examples = ColumnExamples(data.columns, data.labels, num_labels, self.shuffle, steps_per_epoch)
        trainer = Trainer(self.experiment, self.registries, examples, model)
        boards = {part: open_board(self.model_dir / "summaries" / part, "epoch_") for part in measured}
        self.history = History()
        for epoch in trained_epochs(trainer, epochs):
            for part, sample in measured.items():
                prefix, loss = ("", {"loss": epoch.loss}) if part == "train" else ("val_", {})
                figures = self.evaluate(sample, batch_size).as_dict() | loss
                boards[part](epoch.number, figures)
                for name, value in figures.items():
                    self.history.setdefault(prefix + name, []).append(value)
            latest = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items())
            logger.info("epoch %d of %d: %s", epoch.number, epochs, latest)
            write_weights(self.model_dir / CHECKPOINTS / f"epoch-{epoch.number}.weights.h5", model)
        return self.history

    def _made(self) -> tuple[DualEncoder, Catalogue]:
        if self.model is None or self.catalogue is None:
            raise ApiValueError("there is no model yet: call create, or train")
        return self.model, self.catalogue

    def evaluate(self, data: Loader, batch_size: int = 10) -> Metrics:
        """Loss, recalls and mean ranks of the examples, with Model Maker's names and order.

        Raises:
            RecframeError: The data does not fit the model.
        """
        require_positive(batch_size=batch_size)
        model, catalogue = self._made()
        examples = examples_for(self.experiment, self.registries, data, "data")
        # An export has the same batches, so the scores are compiled once.
        capacity = self.experiment.evaluation.batch_size
        scorer, cutoffs = KerasScorer(model, capacity).by_inputs(), self.model_hparams.eval_top_k
        return evaluate(scorer, capacity, examples.examples, catalogue.known, cutoffs, batch_size)

    def evaluate_tflite(self, tflite_filepath: StrPath, data: Loader) -> dict[str, float]:
        """`Global_Recall/Recall_k` of an exported model, which is asked about one example after another.

        Raises:
            ApiValueError: A k is more than the model returns, or the file is not a model of these features.
        """
        examples = examples_for(self.experiment, self.registries, data, "data")
        return lite_recall(Path(tflite_filepath), examples.examples, self.model_hparams.eval_top_k)

    def export(
        self,
        export_dir: StrPath,
        tflite_filename: str = "model.tflite",
        label_filename: str = "labels.txt",
        vocab_filename: str = "vocab.txt",
        saved_model_filename: str = "saved_model",
        tfjs_folder_name: str = "tfjs",
        export_format: ExportFormat | str | Sequence[ExportFormat | str] | None = None,
        quantization_config: QuantizationConfig | None = None,
    ) -> None:
        """Write the model in one or several formats, after a comparison with the trained model.

        Args:
            export_format: ExportFormat, or the name of an installed exporter, or several of them; None for TFLITE.
            quantization_config: The numbers of the .tflite file; None for float32.

        Raises:
            ApiValueError: A format cannot be written, or a file name is wrong.
            ExportError: An exported model does not answer as the trained one does. Nothing is written then.
        """
        from recframe.recommendation.exporting import export_model

        model, catalogue = self._made()
        if self.examples is None:
            hint = "create, or train, the model with train_data"
            raise ApiValueError(f"there are no examples to check the exported model on: {hint}")
        names = {
            "TFLITE": tflite_filename,
            "LABEL": label_filename,
            "VOCAB": vocab_filename,
            "SAVED_MODEL": saved_model_filename,
        }
        export_model(
            TrainedModel(self.experiment, self.registries, catalogue, model),
            _spread(self.examples, self.experiment.export.parity_histories).columns,
            Path(export_dir),
            names,
            self.DEFAULT_EXPORT_FORMAT if export_format is None else export_format,
            quantization_config,
            vocabulary_files(catalogue, self.examples),
        )

    def summary(self) -> None:
        """Print the layers and their parameters."""
        self._made()[0].summary()


def _spread(loader: Loader, limit: int) -> Loader:
    """Up to `limit` examples, spread evenly over all."""
    return loader.take(np.unique(np.linspace(0, loader.size - 1, min(limit, loader.size)).astype(int)))


create = Recommendation.create
