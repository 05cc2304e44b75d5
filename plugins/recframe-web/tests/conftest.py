"""A run with every kind of input, its page on the loopback address, and Debian's browser to look at it."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

import recframe
from recframe import Run
from recframe.data.prepare import prepare
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe_web.demo import Server

GROUPS = (
    "groups={near:{encoder:{type:cnn},features:{item:{type:string,source:item},"
    "stars:{type:float,source:rating,scale:standard},price:{type:float,source:price,scale:log},"
    "tier:{type:buckets,source:price,buckets:4},half:{type:string,source:half},"
    "brand:{type:string,source:brand,max_vocabulary:3,hash_buckets:2},"
    "tags:{type:strings,source:tags},first:{type:strings,source:tags,values:2,pool:sum,max_vocabulary:5,hash_buckets:3},"
    "gap:{type:float,source:time_since_previous,scale:log},hour:{type:int,source:hour},day:{type:int,source:weekday}}},"
    "far:{encoder:{type:bow},features:{more:{type:strings,source:tags,length:9}}},"
    "flat:{encoder:{type:bow},features:{sizes:{type:float,source:sizes,length:8,scale:standard}}},"
    "who:{scope:user,features:{age:{type:float,source:age,scale:standard}}}}"
)
SMALL = ["~groups.history", "model.history_length=5", "model.num_predictions=7", "model.width=8", "exclude_seen=true"]
NOUNS = ("Café", "Harbour", "Lantern", "Orchard", "Voyage", "Comet", "Mirror", "Station")


def _interactions() -> Interactions:
    """40 items, with values of all kinds, whole floats among them, which Python writes otherwise than JavaScript."""
    rng = np.random.default_rng(5)
    items, events = 40, 700
    tags, sizes = np.empty(items, object), np.empty(items, object)
    tags[:] = [[f"tag {n}" for n in rng.permutation(9)[: i % 5]] for i in range(items)]
    sizes[:] = [[float(n) for n in rng.integers(1, 50, i % 3)] for i in range(items)]
    made = Interactions.from_columns(
        rng.integers(0, 25, events),
        rng.integers(0, items, events),
        rng.integers(1_500_000_000, 1_600_000_000, events),
        {
            "id": np.array([f"sku-{i}" for i in range(items)]),
            "title": np.array([f"The {NOUNS[i % 8]} <{i}> & more" for i in range(items)]),
            "price": rng.lognormal(3, 2, items),
            "half": rng.integers(2, 9, items) / 2,
            "brand": np.array([f"Märke {i % 8}" for i in range(items)]),
            "tags": tags,
            "sizes": sizes,
        },
        {"rating": rng.integers(1, 6, events).astype(np.float32)},
    )
    return attrs.evolve(made, users={"age": rng.integers(18, 90, made.num_users)})


@pytest.fixture(scope="session")
def vendored() -> None:
    from recframe_web.site import STAMP, VENDOR  # where there is no npm, the plugin is not installed

    if not (VENDOR / STAMP).is_file():
        pytest.skip("LiteRT.js was not fetched: recframe-web was installed where there is no npm")


@pytest.fixture(scope="session")
def bundle(vendored: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With model.tflite and the page."""
    spec, registries = recframe.compose([GROUPS, *SMALL, "exporters=[tflite,web]"]), recframe.load_plugins()
    data = prepare(spec, registries, _interactions())
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return Run(spec, registries, data, model, tmp_path_factory.mktemp("run")).export()


@contextlib.contextmanager
def served(bundle: Path) -> Iterator[str]:
    """Address of a bundle's page, as `recframe demo` serves it."""
    with Server(bundle, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"{server.url}web/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def serving() -> Callable[[Path], AbstractContextManager[str]]:
    return served


@pytest.fixture(scope="session")
def address(bundle: Path) -> Iterator[str]:
    with served(bundle) as page:
        yield page


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.skip("no chromium is installed (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()
