"""`recframe input_spec=FILE`: the spec that the command line makes from an InputConfig."""

from pathlib import Path

import pytest

import recframe
from recframe import commands as cli
from recframe.config import compose
from recframe.spec import convert as converter

TEXT = """
# What Model Maker's sample has.
activity_feature_groups {
  features { feature_name: "context_movie_id" feature_type: INT vocab_size: 3953 embedding_dim: 8 feature_length: 10 }
  features { feature_name: "context_movie_rating" feature_type: FLOAT feature_length: 10 }
  encoder_type: CNN
}
activity_feature_groups {
  features {
    feature_name: "context_movie_genre" feature_type: STRING vocab_name: "genres.txt" vocab_size: 19 embedding_dim: 4
    feature_length: 32
  }
  encoder_type: CNN
}
label_feature { feature_name: "label_movie_id" feature_type: INT vocab_size: 3953 embedding_dim: 8 feature_length: 1 }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "genres.txt").write_text("UNK\nDrama\n")
    file = tmp_path / "input_config.pbtxt"
    file.write_text(TEXT)
    return file


def test_the_file_takes_the_place_of_groups_label_and_widths(path: Path) -> None:
    spec = recframe.compose([f"input_spec={path}", "encoder=cnn", "encoder.kernel_size=3", "train.epochs=2"])
    assert list(spec.groups) == ["activity_0", "activity_1"]
    assert spec.groups["activity_0"].encoder.options.kernel_size == 3
    assert (spec.label.name, spec.label.vocab_size) == ("label_movie_id", 3953)
    assert (spec.model.width, spec.model.history_length, spec.train.epochs) == (8, 10, 2)
    assert spec.groups["activity_1"].features["context_movie_genre"].options.vocab_name == str(
        path.parent / "genres.txt"
    )
    assert recframe.compose([]).groups.keys() == {"history"}


def test_the_spec_of_a_run_does_not_need_the_file(path: Path) -> None:
    spec = recframe.compose([f"input_spec={path}"])
    plain = converter.unstructure(spec)
    assert "input_spec" not in plain
    path.unlink()
    assert converter.structure(plain, recframe.load_plugins()) == spec


def test_the_command_line_wins_over_the_file_and_the_file_over_an_experiment(path: Path) -> None:
    overrides = [f"input_spec={path}", "+experiment=smoke"]
    spec = recframe.compose([*overrides, "model.history_length=20"])
    assert (spec.model.width, spec.model.history_length) == (8, 20)
    # Also where it says what is the default.
    assert recframe.compose([*overrides, "model.width=32"]).model.width == 32


@pytest.mark.parametrize("override", ["groups.history.encoder.type=lstm", "+groups.activity_0.x=1", "label.name=x"])
def test_groups_and_label_are_changed_in_the_file(path: Path, override: str) -> None:
    with pytest.raises(recframe.SpecError, match=r"defines the groups and the label; change it there"):
        recframe.compose([f"input_spec={path}", override])


@pytest.mark.parametrize("kind", ["STRING", "INT"])
def test_a_missing_vocabulary_is_learnt(path: Path, kind: str) -> None:
    path.write_text(TEXT.replace("STRING", kind).replace("genres.txt", "nowhere.txt"))
    notes: list[str] = []
    spec = compose([f"input_spec={path}"], notes.append)
    options = spec.groups["activity_1"].features["context_movie_genre"].options
    (note,) = notes
    assert note.startswith(f"context_movie_genre: there is no vocabulary {path.parent / 'nowhere.txt'}, so the ids")
    # The integers themselves are no ids, as vocab_size alone would have it.
    expected = {"STRING": (19, None), "INT": (None, 18)}
    assert options.vocab_name is None
    assert (options.vocab_size, options.max_vocabulary) == expected[kind]
    with pytest.warns(UserWarning, match=r"nowhere\.txt"):
        recframe.compose([f"input_spec={path}"])


def test_every_mistake_is_reported_with_the_file(path: Path) -> None:
    path.write_text(TEXT.replace("embedding_dim: 8", ""))
    with pytest.raises(recframe.SpecError) as caught:
        recframe.compose([f"input_spec={path}"])
    assert caught.value.problems == [
        f"{path}: activity_feature_groups[0].features[0].embedding_dim: INT needs the width of its embedding",
        f"{path}: label_feature.embedding_dim: the label needs the width of its embedding",
    ]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("input_spec=nowhere.pbtxt", "nowhere.pbtxt: No such file or directory"),
        ("input_spec=3", "input_spec: expected a path, got 3"),
        ("inptspec=x.pbtxt", "inptspec: unknown key; did you mean 'input_spec'?"),
    ],
)
def test_a_wrong_input_spec_ends_the_command_with_2(
    override: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([override, "hydra.run.dir=run"]) == 2
    assert words in capsys.readouterr().err
