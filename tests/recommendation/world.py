"""MovieLens in MovieLens-1M's layout, models of it, and what their answers are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from attrs import frozen

from recframe import recommendation
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.recommendation import DataLoader
from recframe.recommendation.training_data import examples_for
from tests.recommendation.dat_layout import feature, write_dat_layout

SIZES = {"max_context_length": 10, "max_context_movie_genre_length": 32}


NAMES = [
    "loss", "Global_Recall/Recall_1", "Global_Recall/Recall_5", "global_mean_rank",
    "Batch_Recall/Recall_1", "Batch_Recall/Recall_5", "batch_mean_rank",
]  # fmt: skip


@frozen
class World:
    """MovieLens in MovieLens-1M's layout, and its examples."""

    folder: Path
    classes: int
    movies: frozenset[int]

    def input_spec(self, encoder: str = "BOW", **group: Any) -> recommendation.spec.InputSpec:
        """Model Maker's sample: movies and ratings in one group, genres in another."""
        size = self.classes
        chosen = {"encoder_type": encoder} | group
        return recommendation.spec.InputSpec(
            activity_feature_groups=[
                dict(
                    features=[
                        feature("context_movie_id", "INT", 10, size),
                        feature("context_movie_rating", "FLOAT", 10),
                    ],
                    **chosen,
                ),
                dict(features=[feature("context_movie_genre", "STRING", 32, 30, "movie_genre_vocab.txt")], **chosen),
            ],
            label_feature=feature("label_movie_id", "INT", 1, size),
        )

    def load(self, tag: str, spec: Any) -> DataLoader:
        return DataLoader.from_movielens(self.folder, tag, spec, **SIZES)


def make_world(source: Path, folder: Path) -> World:
    dat = write_dat_layout(source, folder / "ml-1m", renumber=True)
    meta = DataLoader.generate_movielens_dataset(dat, **SIZES)
    return World(dat, DataLoader.get_num_classes(meta), frozenset(DataLoader.load_vocab(meta["vocab_file"])))


def movies_alone(world: World, **group: Any) -> recommendation.spec.InputSpec:
    """The smallest model: what is quick to compile."""
    return recommendation.spec.InputSpec(
        activity_feature_groups=[dict(features=[feature("context_movie_id", "INT", 10, world.classes)], **group)],
        label_feature=feature("label_movie_id", "INT", 1, world.classes),
    )


def hparams(**changes: Any) -> recommendation.spec.ModelHParams:
    defaults: dict[str, Any] = dict(
        hidden_layer_dims=[32, 32], eval_top_k=[1, 5], conv_num_filter_ratios=[2, 4], conv_kernel_size=16,
        lstm_num_units=16, num_predictions=10,
    )  # fmt: skip
    return recommendation.spec.ModelHParams(**(defaults | changes))


def create(world: World, spec: Any = None, tag: str = "train", **arguments: Any) -> recommendation.Recommendation:
    """A model of a spec, by default one that is quick to train."""
    spec = spec if spec is not None else world.input_spec()
    settings = {"steps_per_epoch": 5} | arguments
    sizes = settings.pop("hparams", hparams())
    chosen = recommendation.ModelSpec(spec, sizes, **settings.pop("options", {}))
    return recommendation.create(world.load(tag, spec), chosen, **settings)


def score(model: recommendation.Recommendation, data: DataLoader) -> np.ndarray:
    """Keras's scores, those of ids that are no movie being minus infinity."""
    assert model.model is not None
    assert model.catalogue is not None
    data, scorer, parts = (
        examples_for(model.experiment, model.registries, data, "data"),
        KerasScorer(model.model, 512),
        [],
    )
    for at in range(0, len(data), 512):
        parts.append(scorer({name: values[at : at + 512] for name, values in data.columns.items()}))
    scores = np.concatenate(parts).astype(np.float64)
    scores[:, ~model.catalogue.known] = -np.inf
    return scores


def check_answers(
    model: recommendation.Recommendation, ask: Any, data: DataLoader, movies: Iterable[int], tolerance: float
) -> None:
    """What an app gets for 40 of the histories, against Keras's scores."""
    assert model.catalogue is not None
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-score(model, data)))
    for row in np.unique(np.linspace(0, len(data) - 1, 40).astype(int)):
        answer = ask(**{name: data.columns[name][row] for name in model.catalogue.features})
        ids, scores = np.asarray(answer["top_prediction_ids"]), np.asarray(answer["top_prediction_scores"])
        assert (ids.shape, ids.dtype, scores.shape, scores.dtype) == ((10,), np.int32, (10,), np.float32)
        assert ((scores > 0) & (scores < 1)).all()
        assert (np.diff(scores) <= 0).all()
        assert (ids > 0).all()
        assert len(set(ids.tolist())) == 10
        assert set(ids.tolist()) <= set(movies)
        # By score and not by place: two movies that are as good may change places.
        np.testing.assert_allclose(scores, np.sort(expected[row])[:-11:-1], atol=tolerance)
        np.testing.assert_allclose(scores, expected[row, ids], atol=tolerance)


def check_recalls(model: recommendation.Recommendation, recalls: Mapping[str, float], data: DataLoader) -> None:
    """Equal to Keras's, where the label's score is no other movie's too: ties are the lower id's in the exported model,
    and count against the label in `evaluate`.
    """
    assert list(recalls) == ["Global_Recall/Recall_1", "Global_Recall/Recall_5"]
    metrics, scores = model.evaluate(data).as_dict(), score(model, data)
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    tied = (np.diff(np.take_along_axis(scores, ids, axis=1), axis=1) == 0).any(axis=1).mean()
    for k in (1, 5):
        name = f"Global_Recall/Recall_{k}"
        hits = (ids[:, :k] == data.labels[:, None]).any(axis=1)[data.labels > 0]
        # Scores that differ in the last bit may change places.
        assert recalls[name] == pytest.approx(hits.mean(), abs=2 / len(hits))
        assert metrics[name] == pytest.approx(recalls[name], abs=2 / len(hits) + tied)


def own_dataset(small: World, **changes: Any) -> DataLoader:
    """A dataset as users make them: whole numbers where the spec says FLOAT, and features that no model reads."""
    test = small.load("test", small.input_spec())
    columns: dict[str, np.ndarray] = {name: values.astype(np.int64) for name, values in test.columns.items()}
    columns |= {"label_movie_id": test.labels[:, None].astype(np.int64), "more": np.zeros((len(test), 3))} | changes
    columns = {name: values for name, values in columns.items() if values is not None}
    label = columns["label_movie_id"]
    return DataLoader(tf.data.Dataset.from_tensor_slices((columns, label)), len(test), dict(test.vocab))
