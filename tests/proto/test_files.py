from pathlib import Path

import pytest
from google.protobuf import text_format

from recframe.errors import SpecError
from recframe.proto import InputConfig, read_input_config

CONFIG = InputConfig(
    activity_feature_groups=[{"features": [{"feature_name": "film", "feature_type": "INT"}], "encoder_type": "CNN"}]
)


@pytest.mark.parametrize("name", ["a.pbtxt", "a.txt", "a.TextProto"])
def test_a_text_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# A comment.\n" + text_format.MessageToString(CONFIG))
    assert read_input_config(tmp_path / name) == CONFIG


@pytest.mark.parametrize("name", ["a.pb", "a", "a.bin"])
def test_bytes_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CONFIG.SerializeToString())
    assert read_input_config(str(tmp_path / name)) == CONFIG


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("activity_feature_groups {\n  featurs {}\n}", ":2:3: FeatureGroup has no field 'featurs'; did you mean 'fea"),
        ("labl_feature {}", ":1:1: InputConfig has no field 'labl_feature'; did you mean 'label_feature'? The fields "),
        ("label_feature { feature_type: int }", ":1:31: FeatureType has no value int; did you mean 'INT'? There are: "),
        ("label_feature {\n  vocab_size: 'a' }", ":2:15: Couldn't parse integer: 'a'"),
        ("label_feature {", ":1:15: Expected"),
    ],
)
def test_a_mistake_in_a_text_is_told_with_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.pbtxt"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_input_config(path)
    assert str(caught.value).startswith(f"{path}{words}")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pbtxt", b"\xff", "not UTF-8 text, at byte 0"),
        ("a.pb", b"label_feature {}", "not a binary InputConfig; the name of a text ends in .pbtxt, "),
        ("nowhere.pbtxt", None, "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(SpecError) as caught:
        read_input_config(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {words}")
