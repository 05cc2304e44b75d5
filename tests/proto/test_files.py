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
def test_a_mistake_in_a_text_is_reported_with_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.pbtxt"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_input_config(path)
    assert str(caught.value).startswith(f"{path}{words}")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pbtxt", b"\xff", "not UTF-8 text, at byte 0"),
        ("a.pb", b"label_feature {}", "not a binary InputConfig; the name of a text file ends in .pbtxt, "),
        ("nowhere.pbtxt", None, "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(SpecError) as caught:
        read_input_config(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {words}")


GROUP = "activity_feature_groups { features { feature_name: 'a' options { fields { key: 'x' value "
HOSTILE = {
    "nested": (GROUP + "{ list_value { values " * 20_000, "nested more than 100 deep"),
    "nested with other brackets": (GROUP + "< list_value < values " * 5_000, "nested more than 100 deep"),
    "huge": ("# " + "x" * 2_000_000, "2,000,002 bytes: an InputConfig has at most 1,000,000"),
    "a number of many digits": ("label_feature { vocab_size: " + "9" * 5_000 + " }", ""),
}


@pytest.mark.parametrize(("text", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_text_that_attacks_the_parser_is_one_message(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.pbtxt"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_input_config(path)
    assert str(caught.value).startswith(f"{path}")
    assert words in str(caught.value)


def test_brackets_in_texts_and_comments_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.pbtxt"
    name = "{<[" * 60
    path.write_text(f"# {name}\nactivity_feature_groups {{ features {{ feature_name: '{name}\\'{{' }} }}")
    assert read_input_config(path).activity_feature_groups[0].features[0].feature_name == name + "'{"


def test_deeply_nested_bytes_are_refused(tmp_path: Path) -> None:
    inner = b""
    for _ in range(5_000):  # list_value { values { ... } }, each with its length
        for tag in (0x0A, 0x32):
            size, length = len(inner), b""
            while size >= 128:
                length, size = length + bytes([size & 127 | 128]), size >> 7
            inner = bytes([tag]) + length + bytes([size]) + inner
    path = tmp_path / "a.pb"
    path.write_bytes(b"\x12" + b"\xff" * 9 + inner)
    with pytest.raises(SpecError, match="not a binary InputConfig"):
        read_input_config(path)
