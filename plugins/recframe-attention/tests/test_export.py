"""A trained model is exported, in float32 and int8, and answers on LiteRT."""

from __future__ import annotations

from pathlib import Path

import pytest

import recframe
from recframe.runtime import Bundle

TINY = ["dataset=synthetic", "dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "train.epochs=1"]
VARIANTS = ["export.variants=[float32,float16,int8,int4]", "export.max_recall_drop=1"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ["encoder.positions=absolute"],
        ["encoder.positions=absolute", "encoder.blocks=2", "encoder.gate=true"],
        ["encoder.positions=relative", "encoder.blocks=2", "encoder.heads=2"],
    ],
    ids=["one block", "two blocks with gates", "distances"],
)
def test_a_run_exports_every_number_format(options: list[str], tmp_path: Path) -> None:
    encoder = ["encoder=sasrec", "encoder.units=16", "encoder.dropout=0.1", *options]
    run = recframe.train(recframe.compose([*TINY, *encoder, *VARIANTS]), exports=True)
    folder = run.export(tmp_path / "export")
    sizes = [(folder / name).stat().st_size for name in ("model.tflite", "model_int8.tflite")]
    assert sizes[1] < sizes[0]
    answers = Bundle(folder).recommend(history=["1", "2"], k=3)
    wanted = run.recommend(history=["1", "2"], k=3)
    assert [item.id for item in answers] == [item for item, *_ in wanted]
