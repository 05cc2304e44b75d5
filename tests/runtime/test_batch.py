"""Several histories at once answer as one at a time does, whatever batch the model takes."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from recframe.runtime import Bundle, BundleError
from tests.runtime.bundles import ITEMS, STEPS, K, export

rng = np.random.default_rng(0)
HISTORIES = [rng.integers(1, ITEMS + 1, size).tolist() for size in (3, 0, 9, 1, 6, 2, 5)]


@pytest.fixture(scope="module", params=["1", "3", "dynamic", "model_maker"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle(
        export(tmp_path_factory.mktemp("run") / "export", f"export.batch={request.param}", "export.exclude_ids=2")
    )


def _close(items: Any, wanted: Any) -> None:
    assert [[item.id for item in row] for row in items] == [[item.id for item in row] for row in wanted]
    for row, other in zip(items, wanted, strict=True):
        np.testing.assert_allclose([i.score for i in row], [i.score for i in other], rtol=1e-4, atol=1e-5)


def test_a_batch_is_its_histories_one_by_one(bundle: Bundle) -> None:
    _close(bundle.recommend_batch(HISTORIES), [bundle.recommend(history) for history in HISTORIES])
    assert bundle.recommend_batch([]) == []
    _close(bundle.recommend_batch(HISTORIES[:2], 2), [bundle.recommend(history, 2) for history in HISTORIES[:2]])


def test_each_history_has_its_own_lists(bundle: Bundle) -> None:
    # Some fit into the graph's input, some are too long for it, and one allows nothing.
    exclude: list[list[int]] = [[], [1], [1, 2], [3, 4, 5], [], [], [7, 8, 9]]
    allow: list[list[int] | None] = [None, None, None, None, [5, 6, 7], [], None]
    answers = bundle.recommend_batch(HISTORIES, K, exclude=exclude, allow=allow)
    wanted = [
        bundle.recommend(history, K, exclude=out, allow=may)
        for history, out, may in zip(HISTORIES, exclude, allow, strict=True)
    ]
    _close(answers, wanted)
    assert answers[5] == []
    for row, history, out in zip(answers, HISTORIES, exclude, strict=True):
        assert not {item.id for item in row} & {str(item) for item in (*out, *history[-STEPS:])}
    _close(bundle.recommend_batch(HISTORIES, 20), [bundle.recommend(history, 20) for history in HISTORIES])


def test_columns_of_the_wrong_length_are_told(bundle: Bundle) -> None:
    for name in ("exclude", "allow", "given", "timestamps"):
        with pytest.raises(BundleError, match=f"{name}: expected one for each of the 7 histories, got 1"):
            bundle.recommend_batch(HISTORIES, **{name: [[]]})


def test_threads_share_a_bundle(bundle: Bundle) -> None:
    wanted = [bundle.recommend(history) for history in HISTORIES]
    wrong: list[int] = []

    def ask(row: int) -> None:
        for _ in range(40):
            if [i.id for i in bundle.recommend(HISTORIES[row])] != [i.id for i in wanted[row]]:
                wrong.append(row)

    threads = [threading.Thread(target=ask, args=(row,)) for row in range(len(HISTORIES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
