"""A table that the converter is not shown: the same operators, and the same answers to the bit."""

from __future__ import annotations

import numpy as np
import pytest

import recframe
from recframe.export.graph.serving import ServingModule
from recframe.export.litert import lite
from recframe.export.litert.flatbuffer.reading import read_facts
from recframe.model.dual_encoder import build_model
from recframe.spec.experiment import VARIANTS
from tests.composed import spec_of
from tests.evaluation.data import prepared


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides", [["encoder=bow"], ["encoder=lstm", "export.batch=4"], ["encoder=bow", "export.batch=dynamic"]]
)
def test_a_table_kept_from_the_converter_changes_nothing(overrides: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # No other weights have as many rows as the label table then.
    overrides = [*overrides, "model.width=16"]
    data, spec = prepared(*overrides), spec_of(*overrides)
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels, data.label_counts)
    module = ServingModule(spec, data.catalogue(), model)
    whole = lite.convert(module, "float32", "whole")
    monkeypatch.setattr(lite, "MANY_ROWS", data.num_labels)
    assert any(table is model.table for table in module.tables_of(lite.MANY_ROWS))
    again = ServingModule(spec, data.catalogue(), model)
    kept = lite.convert(again, "float32", "kept")
    assert read_facts(kept).ops == read_facts(whole).ops
    assert read_facts(kept).constants <= read_facts(whole).constants
    rng = np.random.default_rng(0)
    rows = 4 if "export.batch=4" in overrides else 1
    for variant in VARIANTS:
        asked = [lite.ask_lite(lite.convert(m, variant, variant)) for m in (module, again)]
        for _ in range(5):
            inputs = {
                name: rng.integers(0, data.num_labels, (rows, *tensor.shape[1:])).astype(np.int32)
                for name, tensor in module.features.items()
            }
            one, other = (ask(inputs) for ask in asked)
            np.testing.assert_array_equal(one.ids, other.ids)
            np.testing.assert_array_equal(one.scores, other.scores)
