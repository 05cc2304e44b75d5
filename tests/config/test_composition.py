import subprocess
import sys
from pathlib import Path

import attrs
import hydra
import pytest
import yaml
from hydra.core.global_hydra import GlobalHydra

import recframe
from recframe import config
from recframe.recommendation.export_formats import ExportFormat, QuantizationConfig
from recframe.spec import convert as converter
from recframe.spec.experiment import DEFAULT_COMPONENTS
from recframe.spec.split import SplitSpec


def test_the_defaults_of_the_config_are_those_of_the_specs() -> None:
    assert recframe.compose() == converter.structure({}, recframe.load_plugins())


def test_config_yaml_names_the_default_components_of_the_specs() -> None:
    """`DEFAULT_COMPONENTS` serves Python users, who need no Hydra; config.yaml shows the same names to its readers."""
    listed = yaml.safe_load(Path("conf/config.yaml").read_text(encoding="utf-8"))["defaults"]
    chosen = {kind: name for entry in listed if isinstance(entry, dict) for kind, name in entry.items()}
    split = attrs.fields_dict(SplitSpec)["type"].default
    assert {kind: chosen[kind] for kind in (*DEFAULT_COMPONENTS, "split")} == {**DEFAULT_COMPONENTS, "split": split}


def test_groups_use_the_chosen_encoder() -> None:
    spec = recframe.compose(["encoder=cnn", "encoder.kernel_size=3"])
    assert spec.encoder.options.kernel_size == 3
    assert spec.groups["history"].encoder == spec.encoder


def test_a_group_may_name_its_own() -> None:
    spec = recframe.compose(["groups.history.encoder.type=lstm"])
    assert (spec.encoder.type, spec.groups["history"].encoder.type) == ("cnn", "lstm")


@pytest.mark.parametrize("plus", ["", "+"])
def test_a_feature_can_be_added(plus: str) -> None:
    spec = recframe.compose([f"{plus}groups.history.features.genre={{type: string, source: genre}}"])
    assert list(spec.groups["history"].features) == ["item", "genre"]
    assert spec.groups["history"].features["genre"].source == "genre"


def test_exporters_split_and_dataset() -> None:
    spec = recframe.compose(["exporters=[tflite,saved_model]", "split=temporal", "dataset=movielens", "dataset.path=x"])
    assert [exporter.type for exporter in spec.exporters] == ["tflite", "saved_model"]
    assert spec.split.type == "temporal"
    assert spec.dataset.options.path == "x"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["train.epoch=3"], "train.epoch: unknown key; did you mean 'train.epochs'?"),
        (["dataset=tabular", "train.epoch=3"], "train.epoch: unknown key; did you mean 'train.epochs'?"),
        (["dataset=tabular", "dataset.min_ratng=3"], "did you mean 'dataset.min_rating'?"),
        (["encodr=cnn"], "encodr: unknown key; did you mean 'encoder'?"),
        (["encoder=cnn", "encoder.kernelsize=3"], "did you mean 'encoder.kernel_size'?"),
        (["encoder=cn"], "no encoder 'cn'; did you mean 'cnn'? There are: "),
        (["encoder={type: cnn, stride: 2}"], "encoder: choose by name"),
        (["encoder.type=lstm"], "encoder: choose by name"),
        (["encoder=bow,cnn"], "encoder=bow,cnn: several values; add -m to run once for each"),
        (["encoder.filter_ratios=[]"], "encoder: filter_ratios: [] has no layer, but at least one is needed"),
        (["+foo=1"], "foo: unknown key"),
        (["experiment=smoke"], "write +experiment=NAME"),
        (["encoder=null"], "encoder: needs a name. There are: bow, cnn"),
        (["dataset=tabular", "dataset.path=x", "dataset.columns.usr=3"], "did you mean 'dataset.columns.user'?"),
        (["seed=${nowhere}"], "nowhere"),
        (["train.epochs=[1"], "train.epochs=[1"),
        (["groups.history.features.x=nothing"], "groups.history.features.x.type: no feature 'nothing'"),
    ],
)
def test_a_wrong_override_gives_one_clear_message(overrides: list[str], words: str) -> None:
    with pytest.raises(recframe.SpecError) as caught:
        recframe.compose(overrides)
    assert words in str(caught.value)


def test_every_wrong_override_is_reported_at_once() -> None:
    wrong = ["encoder=lsmt", "trian.epochs=3", "model.width=0", "seed=x", "split=foo", "train.epochs=[1"]
    with pytest.raises(recframe.SpecError) as caught:
        recframe.compose(wrong)
    problems = caught.value.problems
    for words in (
        "no encoder 'lsmt'; did",
        "trian.epochs: unknown key; did",
        "model.width: 0 is not",
        "seed: expected",
    ):
        assert [problem for problem in problems if words in problem], (words, problems)
    assert len(problems) == len(wrong)


def test_compose_leaves_the_callers_hydra_alone() -> None:
    assert not GlobalHydra.instance().is_initialized()
    assert recframe.compose() == recframe.compose()
    assert not GlobalHydra.instance().is_initialized()
    with hydra.initialize(version_base="1.2", config_path=None):
        callers = GlobalHydra.instance().hydra
        recframe.compose(["encoder=lstm"])
        assert GlobalHydra.instance().hydra is callers
        assert hydra.compose(overrides=["+x=1"]).x == 1
        with pytest.raises(recframe.SpecError):
            recframe.compose(["encoder=cn"])
        assert GlobalHydra.instance().hydra is callers
    assert not GlobalHydra.instance().is_initialized()


@pytest.mark.parametrize(
    ("overrides", "changes"),
    [
        ([], {}),
        (["exporters=[tflite,saved_model]"], {"exporters": ["tflite", "saved_model"]}),
        (["exporters=tflite"], {"exporters": ["tflite"]}),
        (["export.batch=2", "export.variants=[int8]"], {"export": {"batch": 2, "variants": ["int8"]}}),
    ],
)
def test_the_overrides_of_a_second_export(overrides: list[str], changes: dict[str, object]) -> None:
    assert config.export_changes(overrides) == changes


@pytest.mark.parametrize("override", ["seed=3", "exporters=[tflite", "tflite", "export=3"])
def test_a_second_export_changes_the_export_only(override: str) -> None:
    with pytest.raises(recframe.SpecError, match=r"exporters=\[NAME"):
        config.export_changes([override])


def test_model_makers_names_in_config_do_not_load_hydra() -> None:
    code = (
        "import sys; from recframe.config import ExportFormat, QuantizationConfig; "
        "assert ExportFormat.TFLITE and QuantizationConfig.for_float16(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"hydra", "omegaconf", "numpy", "keras", "tensorflow"} & set(done.stdout.split())
    assert config.ExportFormat is ExportFormat
    assert config.QuantizationConfig is QuantizationConfig


def test_every_public_name_of_config_exists() -> None:
    assert all(getattr(config, name) is not None for name in config.__all__)
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = config.nothing
