"""Reads InputConfig files, as text (pbtxt) or binary."""

from __future__ import annotations

import re
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from recframe.errors import SpecError
from recframe.errors.nearest import listing, suggestion
from recframe.files.json_text import MAX_DEPTH, too_deep
from recframe.proto import recframe_pb2 as pb

#: A message of a thousand features has a tenth of this. A much larger file would take minutes to parse.
MAX_BYTES = 1_000_000
#: Brackets, and the texts and comments whose brackets do not count.
_TOKEN = re.compile(r""" "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | \#[^\n]* | [{}<>\[\]] """, re.VERBOSE)
TEXT_SUFFIXES = (".pbtxt", ".txt", ".textproto", ".textpb", ".prototxt")


def read_input_config(path: str | Path) -> pb.InputConfig:
    """Read a message from a file. The file is text if its name ends in one of TEXT_SUFFIXES, else binary.

    Raises:
        SpecError: if the file cannot be read. For a text the message has line and column.
    """
    file = Path(path).expanduser()
    try:
        if (size := file.stat().st_size) > MAX_BYTES:
            raise SpecError(f"{path}: {size:,} bytes: an InputConfig has at most {MAX_BYTES:,}; is it another file?")
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if file.suffix.lower() in TEXT_SUFFIXES:
        return _from_text(data, path)
    try:
        return pb.InputConfig.FromString(data)
    except (DecodeError, RecursionError):
        raise SpecError(
            f"{path}: not a binary InputConfig; the name of a text file ends in {', '.join(TEXT_SUFFIXES)}"
        ) from None


def _from_text(data: bytes, path: str | Path) -> pb.InputConfig:
    try:
        text = data.decode()
        if _depth(text) > MAX_DEPTH:
            raise SpecError(f"{path}: {too_deep()}")
        return text_format.Parse(text, pb.InputConfig())
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not UTF-8 text, at byte {error.start}") from None
    except (ValueError, OverflowError) as error:  # a number that is too large for its field
        raise SpecError(f"{path}: {error}") from None
    except text_format.ParseError as error:
        line, column = error.GetLine(), error.GetColumn()
        where = f"{path}:{line}:{column}" if line is not None else f"{path}"
        raise SpecError(f"{where}: {_explained(str(error))}") from None


def _depth(text: str) -> int:
    """The depth of nested messages. The parser and the code that reads the message are recursive."""
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        depth += {"{": 1, "<": 1, "[": 1, "}": -1, ">": -1, "]": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _explained(text: str) -> str:
    """The parser's message, with the nearest name of a field or of an enum's value."""
    text = re.sub(r"^\d+:\d+ : ('.*': )?", "", text)
    field = re.search(r'Message type "recframe\.(\w+)" has no field named "(\w+)"', text)
    if field:
        known = pb.DESCRIPTOR.message_types_by_name[field[1]].fields_by_name
        return f"{field[1]} has no field {field[2]!r}{listing(field[2], known, 'The fields are')}"
    value = re.search(r'Enum type "recframe\.(\w+)" has no value (?:named|with number) (\w+)', text)
    if value:
        known_values = pb.DESCRIPTOR.enum_types_by_name[value[1]].values_by_name
        near = suggestion(value[2].upper(), known_values)
        return f"{value[1]} has no value {value[2]}{near or '.'} There are: {', '.join(known_values)}"
    return text
