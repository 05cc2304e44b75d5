"""Features beside the item never make a model worse beyond chance, and make it better where they tell something.

Three real sets, of which RECFRAME_TEST_DATA names the folder, and a made-up shop. A model trains a few epochs with and
without the features, and both are compared on the same test targets.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

import recframe
from recframe import Interactions, Listener
from recframe.data.splits import TEST
from recframe.evaluation.intervals import Difference, paired_difference
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.rank_metrics import gains
from recframe.evaluation.ranking import rank_targets

GENRES = ["+groups.history.features.genres={type: strings, source: genres, length: 50}"]
STARS = ["+groups.history.features.stars={type: float, source: rating, scale: standard}"]
CATEGORIES = ["+groups.history.features.kind={type: strings, source: categories, length: 50}"]
PRICE = ["+groups.history.features.price={type: float, source: price, scale: standard}"]
CHANNEL = ["+groups.history.features.channel={type: string, source: channel}"]
#: An attribute of the customer, in a group of its own.
REGION = ["+groups.customer={scope: user, encoder: {type: bow}, features: {region: {type: string, source: region}}}"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "features", "epochs"),
    [("ml-latest-small", GENRES + STARS, 2), ("lastfm", CATEGORIES, 4), ("amazon-beauty", CATEGORIES, 1)],
)
def test_side_features_do_not_make_a_model_of_real_data_worse(name: str, features: list[str], epochs: int) -> None:
    folder = Path(os.environ.get("RECFRAME_TEST_DATA", "nowhere")) / name
    if not folder.is_dir():
        pytest.skip("RECFRAME_TEST_DATA is not set: the real sets are not tested")
    dataset = (
        ["dataset=movielens", f"dataset.path={folder}"]
        if name == "ml-latest-small"
        else [
            "dataset=tabular",
            f"dataset.path={folder / 'interactions.csv'}",
            f"dataset.items={folder / 'items.csv'}",
            "dataset.columns.item_id=id",
            "dataset.lists=[categories]",
        ]
    )
    overrides = [*dataset, f"train.epochs={epochs}"]
    assert _gained(_ndcg(None, overrides), None, overrides + features).high[0] > 0


@pytest.mark.slow
def test_side_features_that_tell_something_make_a_model_better() -> None:
    shop = _shop(np.random.default_rng(1))
    overrides = ["train.epochs=5", "train.batch_size=512"]
    without = _ndcg(shop, overrides)
    assert _gained(without, shop, overrides + PRICE).high[0] > 0
    assert _gained(without, shop, overrides + CHANNEL).low[0] > 0
    assert _gained(without, shop, overrides + CHANNEL + PRICE + REGION).low[0] > 0


def _shop(rng: np.random.Generator) -> Interactions:
    """Half of what a customer buys is of one of two kinds, which depend on the region, and is anything otherwise.

    The channel of the last purchase says which of the two kinds. The price says nothing.
    """
    users, kinds, each, events = 1000, 8, 25, 14
    user, region = np.repeat(np.arange(users), events), rng.integers(0, kinds // 2, users)
    channel = rng.integers(0, 2, len(user))
    wanted = 2 * region[user] + np.roll(channel, 1)
    kind = np.where(rng.random(len(user)) < 0.5, wanted, rng.integers(0, kinds, len(user)))
    products = {"id": np.arange(kinds * each), "price": rng.lognormal(2, 1, kinds * each)}
    item = kind * each + rng.integers(0, each, len(user))
    bought = {"channel": np.array(["web", "shop"])[channel]}
    made = Interactions.from_columns(user, item, np.arange(len(user)), products, bought)
    return evolve(made, users={"region": np.array([f"region {number}" for number in region])})


def _gained(without: tuple[np.ndarray, np.ndarray], data: Interactions | None, overrides: list[str]) -> Difference:
    """The difference in ndcg@10 to a model without the features."""
    ndcg, users = without
    return paired_difference(_ndcg(data, overrides)[0], ndcg, users, seed=1)


def _ndcg(data: Interactions | None, overrides: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """ndcg@10 of each test target, float64 [targets, 1], and the target's user."""
    spec = recframe.compose(["exporters=[]", "evaluation.baselines=[]", "train.tensorboard=false", *overrides])
    run = recframe.train(spec, data=data, listener=Listener())
    targets = run.data.targets(TEST)
    ranked = rank_targets(KerasScorer(run.model, 1024).by_target(run.data), run.data, targets, (10,), 1024)
    ndcg = gains(ranked[run.data.exclude_seen].ranks, 10)["ndcg"]
    return np.asarray(ndcg, np.float64)[:, None], run.data.users[targets]
